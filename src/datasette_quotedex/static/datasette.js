// The SQL editors of Datasette's pages make their fields themselves, without names.
for (const field of document.querySelectorAll(".CodeMirror textarea, .cm-content")) {
  field.setAttribute("aria-label", "SQL");
}

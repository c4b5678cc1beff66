// The SQL editors of Datasette's pages make their fields themselves, as late as the load event, and
// give them no names.
addEventListener("load", () => setTimeout(() => {
  for (const field of document.querySelectorAll(".CodeMirror textarea, .cm-content")) {
    field.setAttribute("aria-label", "SQL");
  }
}));

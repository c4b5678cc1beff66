// The SQL editors of Datasette's pages make their fields themselves, as late as the load event, and
// give them no names; nor has the SQL in the page about a query that took too long.
addEventListener("load", () => setTimeout(() => {
  for (const field of document.querySelectorAll(".CodeMirror textarea, .cm-content, .content > div[style] textarea")) {
    field.setAttribute("aria-label", "SQL");
  }
}));

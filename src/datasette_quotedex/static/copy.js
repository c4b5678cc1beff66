// Adds a button to each citation that copies it. The page works without: a click selects the text.
"use strict";

for (const text of navigator.clipboard ? document.querySelectorAll("pre.copy") : []) {
  const button = document.createElement("button");
  const status = document.createElement("span");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.setAttribute("aria-describedby", text.getAttribute("aria-labelledby"));
  status.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text.textContent);
      status.textContent = " Copied";
    } catch {
      status.textContent = " Your browser does not allow it: select the text instead";
    }
  });
  text.after(button, status);
}

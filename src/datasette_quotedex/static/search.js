// Completes the names of speakers and outlets in the search box (a combobox with a listbox, as the
// ARIA practices describe it), and lets "/" reach it. All pages work without it.
"use strict";

(() => {
  const box = document.querySelector("input[data-suggest]");
  if (!box) return;
  const form = box.form;
  const list = document.createElement("ul");
  const status = document.createElement("p");
  const known = new Map();
  let options = [], active = -1, typed = null, timer, waiting;

  list.id = `${box.id}-names`;
  list.className = "names";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Speakers and outlets");
  status.className = "names-status";
  status.setAttribute("role", "status");
  box.after(list, status);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false",
    "aria-controls": list.id,
  })) box.setAttribute(name, value);

  // What is being typed at the end of the box, as { rest, name, only }: all of it or its last word,
  // or what stands after speaker: or outlet:. `rest` is what stays in the box.
  function readings(text) {
    const field = /^(|.*\s)(speaker|outlet):["“”]?([^"“”]*)$/i.exec(text);
    if (field) return [{ rest: field[1], name: field[3], only: `${field[2].toLowerCase()}s` }];
    const word = /^(.*\s)(\S+)$/.exec(text);
    const all = [{ rest: "", name: text }];
    return word ? [...all, { rest: word[1], name: word[2] }] : all;
  }

  async function namesFor({ name, only }) {
    name = name.trim();
    if (name.length > 100 || (name.length < 2 && !/[^\x00-\x7f]/.test(name))) return [];
    const url = new URL(box.dataset.suggest, location.href);
    url.searchParams.set("q", name);
    if (only) url.searchParams.set("only", only);
    if (!known.has(url.href)) {
      const answer = await fetch(url, { signal: waiting.signal });
      if (!answer.ok) return [];
      const { speakers, outlets } = await answer.json();
      if (known.size > 200) known.clear();
      known.set(url.href, [
        ...speakers.map((one) => ({ ...one, field: "speaker", value: one.key })),
        ...outlets.map((one) => ({ ...one, field: "outlet", value: one.name })),
      ]);
    }
    return known.get(url.href);
  }

  async function complete() {
    waiting?.abort();
    waiting = new AbortController();
    typed = box.value;
    const text = typed;
    try {
      for (const reading of readings(text)) {
        const names = await namesFor(reading);
        if (text !== box.value || document.activeElement !== box) return;
        if (names.length) return show(names, reading.rest.trim());
      }
      show([], "");
    } catch {
      close(); // The reader typed on, or the site is busy.
    }
  }

  function show(names, rest) {
    options = names.map((one) => option(one, rest));
    list.replaceChildren(...options.map(({ element }) => element));
    activate(-1);
    list.hidden = !options.length;
    box.setAttribute("aria-expanded", String(!list.hidden));
    const number = options.length;
    status.textContent = number ? `${number} name${number === 1 ? "" : "s"} below` : "";
  }

  function option(one, rest) {
    const element = document.createElement("li");
    const leads = one.field === "speaker" && !rest && !isFiltered();
    const number = one.quote_count ?? one.article_count;
    const thing = one.field === "speaker" ? "quotation" : "article";
    const about = [
      one.alias && one.alias !== one.name ? `also “${one.alias}”` : null,
      one.label && one.label !== one.name ? null : shortened(one.description),
      `${number.toLocaleString("en")} ${thing}${number === 1 ? "" : "s"}`,
    ];
    const name = part("b", one.label ?? one.name);
    name.dir = "auto";
    element.append(
      name, " ", part("span", about.filter(Boolean).join(" · ")), " ",
      part("i", leads ? "speaker’s page" : `only this ${one.field}`),
    );
    element.setAttribute("role", "option");
    element.addEventListener("click", () => choose(one, rest, leads));
    return { element, choose: () => choose(one, rest, leads) };
  }

  function shortened(text) {
    return text && text.length > 60 ? `${text.slice(0, 59).trimEnd()}…` : text;
  }

  function part(tag, text) {
    const element = document.createElement(tag);
    element.textContent = text;
    return element;
  }

  // A name alone leads to the speaker's page; with other words or filters, it narrows the search.
  function choose(one, rest, leads) {
    close();
    if (leads) {
      location.assign(one.path);
      return;
    }
    for (const old of [...form.elements]) if (old.name === one.field) old.disabled = true;
    const filter = document.createElement("input");
    Object.assign(filter, { type: "hidden", name: one.field, value: one.value });
    form.append(filter);
    box.value = rest;
    form.submit();
  }

  function isFiltered() {
    return [...form.elements].some(
      (one) => one.name && one.value && !["q", "sort", "database", "printings", "unsure"].includes(one.name)
    );
  }

  function activate(number) {
    active = number;
    options.forEach(({ element }, index) => {
      element.id = `${list.id}-${index}`;
      element.setAttribute("aria-selected", String(index === number));
    });
    const element = options[number]?.element;
    if (element) {
      box.setAttribute("aria-activedescendant", element.id);
      element.scrollIntoView({ block: "nearest" });
    } else box.removeAttribute("aria-activedescendant");
  }

  function close() {
    clearTimeout(timer);
    waiting?.abort();
    show([], "");
  }

  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(complete, 120);
  });
  box.addEventListener("blur", close);
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // The box keeps the focus.
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    const last = options.length - 1;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) complete();
      else if (event.key === "ArrowDown") activate(active === last ? -1 : active + 1);
      else activate(active === -1 ? last : active - 1);
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      options[active].choose();
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  });
  // A page that a reader comes back to is as it was left, but for the filter that was added.
  addEventListener("pageshow", (event) => event.persisted && location.reload());

  // Where a finger touches the page, the focus would bring up a keyboard that covers half of it.
  const [arrival] = performance.getEntriesByType("navigation");
  if (
    "takesFocus" in box.dataset && !location.hash && arrival?.type !== "back_forward" &&
    matchMedia("(hover: hover) and (pointer: fine)").matches
  ) box.focus({ preventScroll: true });

  // Readers who speak to their computer can turn "/" off, as WCAG 2.1.4 asks for.
  const setting = "quotedex-no-slash";
  function isOff() {
    try {
      return localStorage.getItem(setting) === "1";
    } catch {
      return false;
    }
  }
  const slash = document.querySelector(".slash");
  if (slash) {
    const check = slash.querySelector("input");
    check.checked = !isOff();
    check.addEventListener("change", () => {
      try {
        localStorage.setItem(setting, check.checked ? "0" : "1");
      } catch {
        check.checked = true; // The browser keeps nothing for this site.
      }
    });
    slash.hidden = false;
  }
  document.addEventListener("keydown", (event) => {
    const writes = event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || writes || isOff()) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
  box.setAttribute("aria-keyshortcuts", "/");
})();

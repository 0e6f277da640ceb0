"use strict";
(async () => {
  const at = (id) => document.getElementById(id);
  const LIST = 100;
  const filters = ["f0", "f1", "f2"].map(at);
  const unpack = async (id) => {
    const bytes = Uint8Array.from(atob(at(id).textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  };
  const say = (text) => { at("status").textContent = text; };
  if (!("DecompressionStream" in window)) {
    say("This browser is too old to show the notes: take Chrome 80, Firefox 113, Safari 16.4 or a later one.");
    return;
  }

  const { page, kinds, notes } = await unpack("index");
  const pages = new Map(), plain = new Map();
  const pageOf = async (n) => {
    const p = Math.floor(n / page);
    if (!pages.has(p)) {
      if (pages.size > 40) pages.delete(pages.keys().next().value);
      pages.set(p, await unpack("p" + p));
    }
    return pages.get(p);
  };
  const htmlOf = async (n) => (await pageOf(n))[n % page];
  const MEANT = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'" };
  const textOf = async (n) => {
    if (!plain.has(n)) {
      const text = (await htmlOf(n)).replace(/<[^>]*>/g, "").replace(/&[a-z#0-9]+;/g, (c) => MEANT[c] ?? c);
      plain.set(n, text.toLowerCase());
    }
    return plain.get(n);
  };

  filters.forEach((select, i) => {
    const values = [...new Set(kinds.map((kind) => kind[i]))].sort();
    select.add(new Option("all", ""));
    for (const value of values) select.add(new Option(value || "(none)", "=" + value));
    select.parentElement.hidden = values.length < 2 && i > 0;
  });
  const scored = notes.some((note) => note[3].some((k) => k[2] >= 0));
  at("score").parentElement.hidden = !scored;

  let shown = [], first = 0, open = -1, search = 0;
  const wanted = () => filters.map((f) => f.value);
  const kindFits = (kind, want) => want.every((w, i) => !w || w.slice(1) === kinds[kind][i]);
  const filtering = () => wanted().some(Boolean) || +at("score").value > 0;

  async function filter() {
    const mine = ++search;
    const want = wanted(), least = +at("score").value, words = at("search").value.trim().toLowerCase();
    const which = at("kind").value, some = filtering();
    const fits = [];
    for (let n = 0; n < notes.length; n++) {
      const [id, , error, found] = notes[n];
      if (which === "with" && !found.length) continue;
      if (which === "without" && found.length) continue;
      if (which === "errors" && !error) continue;
      if (some && !found.some(([kind, , best]) => kindFits(kind, want) && (least === 0 || best >= least))) continue;
      if (words && !id.toLowerCase().includes(words) && !(await textOf(n)).includes(words)) {
        if (n % 500 === 0) {
          say(`Searching: ${n.toLocaleString("en")} of ${notes.length.toLocaleString("en")} notes.`);
          await new Promise((next) => setTimeout(next));
        }
        if (mine !== search) return;
        continue;
      }
      if (mine !== search) return;
      fits.push(n);
    }
    if (mine !== search) return;
    shown = fits;
    first = 0;
    say(`${fits.length.toLocaleString("en")} of ${notes.length.toLocaleString("en")} notes`);
    list();
    if (fits.includes(open)) mark();
    else if (fits.length) await show(fits[0]);
    else { open = -1; at("note-title").textContent = "No note fits"; at("note-facts").textContent = at("text").textContent = ""; at("rows").replaceChildren(); steps(); }
  }

  function list() {
    at("list").replaceChildren(...shown.slice(first, first + LIST).map((n) => {
      const [id, length, error, found] = notes[n];
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.n = n;
      const name = document.createElement("span"), count = document.createElement("small");
      name.textContent = id;
      name.dir = "auto";
      count.textContent = found.reduce((sum, k) => sum + k[1], 0).toLocaleString("en");
      count.setAttribute("aria-label", count.textContent + " entities");
      count.setAttribute("role", "img");
      button.append(name, count);
      if (error) {
        const told = document.createElement("small");
        told.className = "err";
        told.textContent = error;
        button.append(told);
      }
      if (n === open) button.setAttribute("aria-current", "true");
      const item = document.createElement("li");
      item.append(button);
      return item;
    }));
    const last = Math.min(first + LIST, shown.length);
    at("place").textContent = shown.length ? `${(first + 1).toLocaleString("en")}\u2013${last.toLocaleString("en")} of ${shown.length.toLocaleString("en")}` : "none";
    at("back").disabled = first === 0;
    at("on").disabled = last >= shown.length;
  }

  function steps() {
    const place = shown.indexOf(open);
    at("earlier").disabled = place <= 0;
    at("later").disabled = place < 0 || place >= shown.length - 1;
  }

  async function show(n) {
    open = n;
    const html = await htmlOf(n);
    if (open !== n) return;
    const [id, length, error, found] = notes[n];
    at("note-title").textContent = id;
    at("note-title").dir = "auto";
    const count = found.reduce((sum, k) => sum + k[1], 0);
    at("note-facts").textContent = `${count.toLocaleString("en")} ${count === 1 ? "entity" : "entities"} \u00b7 ${length.toLocaleString("en")} characters${error ? " \u00b7 error: " + error : ""}`;
    at("text").innerHTML = html;
    at("rows").replaceChildren(...[...at("text").querySelectorAll("mark:not(.nm-rest)")].map((m) => {
      const row = document.createElement("tr");
      for (const value of [m.textContent, m.dataset.d.split("\n").join(", ")]) row.insertCell().textContent = value;
      row.cells[0].dir = "auto";
      return row;
    }));
    for (const button of at("list").querySelectorAll("button")) {
      if (+button.dataset.n === n) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
    hide();
    mark();
    steps();
  }

  function mark() {
    const want = wanted(), least = +at("score").value, words = at("search").value.trim().toLowerCase();
    for (const m of at("text").querySelectorAll("mark")) {
      const fits = kindFits(+m.dataset.k, want) && (least === 0 || +m.dataset.s >= least);
      m.classList.toggle("dim", !fits);
      m.tabIndex = fits ? 0 : -1;
    }
    if (!CSS.highlights) return;
    CSS.highlights.delete("found");
    if (!words) return;
    const ranges = [], walk = document.createTreeWalker(at("text"), NodeFilter.SHOW_TEXT);
    for (let node; (node = walk.nextNode());) {
      const text = node.data.toLowerCase();
      for (let i = text.indexOf(words); i >= 0 && ranges.length < 500; i = text.indexOf(words, i + words.length)) {
        const range = new Range();
        range.setStart(node, i);
        range.setEnd(node, Math.min(i + words.length, node.data.length));
        ranges.push(range);
      }
    }
    CSS.highlights.set("found", new Highlight(...ranges));
  }

  const tip = at("tip");
  function hide() {
    tip.hidden = true;
    document.querySelector("[aria-describedby=tip]")?.removeAttribute("aria-describedby");
  }
  function tell(m) {
    hide();
    tip.textContent = m.dataset.d;
    tip.hidden = false;
    m.setAttribute("aria-describedby", "tip");
    const box = m.getClientRects()[0] ?? m.getBoundingClientRect();
    const left = Math.max(8, Math.min(box.left, document.documentElement.clientWidth - tip.offsetWidth - 8));
    const under = box.bottom + 6 + tip.offsetHeight < innerHeight;
    tip.style.left = left + scrollX + "px";
    tip.style.top = scrollY + (under ? box.bottom + 6 : box.top - tip.offsetHeight - 6) + "px";
  }
  const marked = (event) => event.target.closest?.("mark");
  for (const [kind, act] of [["mouseover", tell], ["focusin", tell], ["mouseout", hide], ["focusout", hide]]) {
    at("text").addEventListener(kind, (event) => { const m = marked(event); if (m) act(m); });
  }
  addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });

  at("list").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) show(+button.dataset.n);
  });
  at("list").addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = [...at("list").querySelectorAll("button")];
    const next = buttons[buttons.indexOf(document.activeElement) + step];
    if (next) { next.focus(); show(+next.dataset.n); }
  });
  const turn = (by) => { first += by; list(); at("list").scrollTop = 0; };
  at("back").addEventListener("click", () => turn(-LIST));
  at("on").addEventListener("click", () => turn(LIST));
  const step = (by) => {
    const place = shown.indexOf(open) + by;
    first = Math.floor(place / LIST) * LIST;
    list();
    show(shown[place]);
  };
  at("earlier").addEventListener("click", () => step(-1));
  at("later").addEventListener("click", () => step(1));
  at("filters").addEventListener("submit", (event) => event.preventDefault());
  let soon = 0;
  at("search").addEventListener("input", () => { clearTimeout(soon); soon = setTimeout(filter, 200); });
  at("score").addEventListener("input", () => {
    at("score-value").textContent = (at("score").value / 100).toFixed(2);
    clearTimeout(soon);
    soon = setTimeout(filter, 60);
  });
  for (const id of ["f0", "f1", "f2", "kind"]) at(id).addEventListener("change", filter);

  at("filters").hidden = at("browser").hidden = notes.length === 0;
  await filter();
  document.documentElement.dataset.ready = "yes";
})();

// A table of ready-written cells: search, sorting, choice of columns, more rows; a row's name opens what it stands for.
// Data: {columns: [{label, hint, kind, hidden}], rows: [{cells: [[text, sort, tone]], small, key, href, links: [[label, url]]}], words, shown}.
const STEP = 50;
// words of a state do not break in two; a longer number has no room in a third of a phone
const SHORT = 12;
const states = new WeakMap();

const element = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
};

const compare = (left, right, direction) => {
  const empty = (value) => value === null || value === "";
  if (empty(left) || empty(right)) return Number(empty(left)) - Number(empty(right));
  const order = typeof left === "number" ? left - right : String(left).localeCompare(String(right), undefined, { numeric: true });
  return order * direction;
};

// a telephone number in its international writing is called by a tap
const withPhones = (text) =>
  text.split(/(\+\d{7,15})/).map((part, place) => (place % 2 ? element("a", { href: `tel:${part}`, class: "opens" }, part) : part));

const cellText = (column, [text, , tone]) => {
  const marked = tone === "bad" || tone === "warning";
  return element("span", { class: tone || null }, ...withPhones(marked ? `! ${text}` : text));
};

const titleCell = (row, cell, open) => {
  const name = element("bdi", {}, cell[0]);
  const shown = row.href ? element("a", { href: row.href, class: "opens" }, name) : name;
  if (row.href) {
    shown.onclick = (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      open(row.key);
    };
  }
  const made = element("td", { class: "title" }, shown);
  for (const [label, url] of row.links) {
    made.append(" ", element("a", { href: url, target: "_blank", rel: "noopener noreferrer", class: "outside" }, `${label}↗`));
  }
  if (row.small) made.append(element("div", { class: "muted" }, ...withPhones(row.small)));
  return made;
};

export default function draw({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".table-root");
  const state = states.get(root) ?? { text: "", sort: null, direction: -1, shown: data.shown, hidden: null };
  states.set(root, state);
  state.hidden ??= new Set(data.columns.flatMap((column, place) => (column.hidden ? [place] : [])));
  const open = (key) => setTriggerValue("opened", key);

  const visible = () => data.columns.map((_, place) => place).filter((place) => !state.hidden.has(place));
  const found = () => {
    const wanted = state.text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const kept = data.rows.filter((row) => {
      const held = `${row.cells.map((cell) => cell[0]).join(" ")} ${row.small ?? ""}`.toLocaleLowerCase();
      return wanted.every((word) => held.includes(word));
    });
    if (state.sort === null) return kept;
    return [...kept].sort((a, b) => compare(a.cells[state.sort][1], b.cells[state.sort][1], state.direction));
  };

  const body = element("div", { class: "body" });
  const head = (place) => {
    const column = data.columns[place];
    const sorted = state.sort === place;
    const button = element("button", { type: "button", title: column.hint || null, class: column.hint ? "defined" : null }, column.label);
    if (sorted) button.append(state.direction > 0 ? " ↑" : " ↓");
    button.onclick = () => {
      if (sorted) state.direction = -state.direction;
      else [state.sort, state.direction] = [place, typeof data.rows[0]?.cells[place][1] === "number" ? -1 : 1];
      refresh();
    };
    const order = sorted ? (state.direction > 0 ? "ascending" : "descending") : "none";
    return element("th", { scope: "col", class: column.kind, "aria-sort": order }, button);
  };
  const line = (row, places) => {
    const cells = places.map((place) => {
      const column = data.columns[place];
      if (place === 0) return titleCell(row, row.cells[0], open);
      const short = row.cells[place][0].length <= SHORT ? " short" : "";
      return element("td", { class: `${column.kind}${short}`, "data-label": column.label }, cellText(column, row.cells[place]));
    });
    return element("tr", {}, ...cells);
  };
  // a table that is wider than its card stands closer together on a desk; where that is not enough, and on a phone with more than
  // three columns, each row is a small card of its own, for nothing tells a reader that a column waits behind the edge
  const fit = () => {
    const scroll = body.querySelector(".scroll");
    const table = scroll.firstElementChild;
    const isCut = () => scroll.scrollWidth > scroll.clientWidth;
    const onPhone = matchMedia("(max-width: 640px)").matches;
    table.classList.remove("tight", "stacks");
    if (!onPhone && isCut()) table.classList.add("tight");
    if ((onPhone && visible().length > 3) || isCut()) table.classList.replace("tight", "stacks") || table.classList.add("stacks");
    if (isCut()) table.classList.add("tight");
    root.classList.toggle("stacked", table.classList.contains("stacks"));
  };
  const refresh = () => {
    const rows = found();
    const places = visible();
    const wide = rows.some((row) => places.some((place) => place && data.columns[place].kind === "number" && row.cells[place][0].length > SHORT));
    const table = element("table", { class: wide ? "wide" : null });
    table.append(element("thead", {}, element("tr", {}, ...places.map(head))));
    table.append(element("tbody", {}, ...rows.slice(0, state.shown).map((row) => line(row, places))));
    body.replaceChildren(element("div", { class: "scroll" }, table));
    fit();
    tools.querySelector(".orders")?.replaceChildren(orders());
    if (!rows.length) body.append(element("p", { class: "muted" }, data.words.nothing));
    if (rows.length > state.shown) {
      const more = element("button", { type: "button", class: "more" }, `${data.words.more} (${rows.length - state.shown})`);
      more.onclick = () => { state.shown += STEP; refresh(); };
      body.append(more);
    }
  };

  // where rows are cards there are no headings to sort by: a list of them stands in the tools, each with both of its ways
  const orders = () => {
    const name = (place, direction) => `${data.columns[place].label} ${direction > 0 ? "↑" : "↓"}`;
    const choices = visible().flatMap((place) => [-1, 1].map((direction) => ({ value: `${place} ${direction}`, text: name(place, direction) })));
    const chosen = state.sort === null ? "" : `${state.sort} ${state.direction}`;
    const list = element("select", { "aria-label": data.words.sort }, element("option", { value: "" }, data.words.sort));
    for (const { value, text } of choices) list.append(element("option", { value, selected: value === chosen }, text));
    list.onchange = () => {
      const [place, direction] = list.value.split(" ").map(Number);
      [state.sort, state.direction] = list.value ? [place, direction] : [null, -1];
      refresh();
    };
    return list;
  };

  const tools = element("div", { class: "tools" });
  if (data.rows.length > 8) {
    const search = element("input", { type: "search", placeholder: data.words.search, "aria-label": data.words.search, maxlength: 100 });
    search.value = state.text;
    search.oninput = () => { state.text = search.value; refresh(); };
    tools.append(search);
  }
  if (data.columns.length > 5) {
    const boxes = data.columns.slice(1).map((column, before) => {
      const box = element("input", { type: "checkbox" });
      box.checked = !state.hidden.has(before + 1);
      box.onchange = () => { state.hidden[box.checked ? "delete" : "add"](before + 1); refresh(); };
      return element("label", {}, box, ` ${column.label}`);
    });
    tools.append(element("details", { class: "columns" }, element("summary", {}, data.words.columns), element("div", {}, ...boxes)));
  }
  if (data.rows.length > 3) tools.append(element("div", { class: "orders" }));
  root.replaceChildren(...(tools.children.length ? [tools] : []), body);
  refresh();
  state.watch?.disconnect();
  let width = root.clientWidth;
  state.watch = new ResizeObserver(() => {
    if (root.clientWidth === width) return;
    width = root.clientWidth;
    fit();
  });
  state.watch.observe(root);
}

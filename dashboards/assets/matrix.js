// Cells in rows and columns, each a button that opens what it stands for.
// Data: {columns: [label], rows: [{label, cells: [{key, value, lines, weight, chosen, empty}]}], corner}.
export default function draw({ parentElement, data, setTriggerValue }) {
  const make = (tag, name, text) => {
    const made = document.createElement(tag);
    made.className = name;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const grid = make("div", "grid");
  grid.style.gridTemplateColumns = `auto repeat(${data.columns.length}, minmax(0, 1fr))`;
  grid.append(make("div", "corner", data.corner), ...data.columns.map((label) => make("div", "head", label)));
  for (const row of data.rows) {
    grid.append(make("div", "side", row.label));
    for (const cell of row.cells) {
      const button = make("button", `cell${cell.chosen ? " chosen" : ""}${cell.empty ? " empty" : ""}`);
      button.disabled = Boolean(cell.empty);
      button.type = "button";
      button.setAttribute("aria-pressed", String(cell.chosen));
      button.setAttribute("aria-label", `${cell.key}: ${cell.value}`);
      button.style.setProperty("--weight", `${cell.weight}%`);
      button.append(make("strong", "", cell.value), ...cell.lines.map((line) => make("span", "muted", line)));
      button.onclick = () => setTriggerValue("opened", cell.key);
      grid.append(button);
    }
  }
  parentElement.querySelector(".matrix-root").replaceChildren(grid);
}

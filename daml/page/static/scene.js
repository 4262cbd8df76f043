// The scene that was built of the film, beside the film's first frame; a table changes it.
element.innerHTML = `
  <h2>The scene for the robot</h2>
  <div class="pair">
    <figure><img class="film" alt="First frame of the film"><figcaption>the film</figcaption></figure>
    <figure><img class="twin" alt="The scene in simulation, seen from the same side"><figcaption>the same in simulation</figcaption></figure>
  </div>
  <div class="scroll"><table>
    <thead><tr><th scope="col">what</th><th scope="col">shape</th><th scope="col">colour</th><th scope="col">size in cm</th></tr></thead>
    <tbody></tbody>
  </table></div>
  <div class="bar">
    <button type="button" class="primary" data-act="judge">Let the robot try</button>
    <a class="file" download="scene.zip">Save as a scene file</a>
  </div>`;

const body = element.querySelector("tbody");
const SIDES = ["Length", "Width", "Height"];
let rows = [];

const tell = () => trigger("edit", { rows: rows.map(({ name, family, colour, size }) => ({ name, family, colour, size })) });

function cell(line, ...parts) {
  const made = line.insertCell();
  made.append(...parts);
}

function control(made, key, label) {
  made.dataset.key = key;
  made.setAttribute("aria-label", label);
  return made;
}

function makeRow(row) {
  const line = body.insertRow();
  const name = `${row.role} ${rows.filter((other) => other.role === row.role).indexOf(row) + 1}`;
  const head = document.createElement("th");
  head.scope = "row";
  head.textContent = row.is_target ? `${name} (shown)` : name;
  line.append(head);
  const family = control(document.createElement("select"), `family-${row.name}`, `Shape of ${name}`);
  for (const shape of row.families) family.add(new Option(shape, shape, false, shape === row.family));
  family.addEventListener("change", () => { row.family = family.value; tell(); });
  const colour = control(document.createElement("input"), `colour-${row.name}`, `Colour of ${name}`);
  colour.type = "color";
  colour.value = row.colour;
  colour.addEventListener("change", () => { row.colour = colour.value; tell(); });
  const sizes = row.size.map((side, axis) => {
    const label = `${row.size.length > 1 ? SIDES[axis] : "Width"} of ${name} in centimetres`;
    const size = control(document.createElement("input"), `size-${row.name}-${axis}`, label);
    Object.assign(size, { type: "number", step: 0.1, min: 0.1, max: 50, defaultValue: side });
    size.addEventListener("change", () => { row.size[axis] = Number(size.value); tell(); });
    return size;
  });
  cell(line, family);
  cell(line, colour);
  cell(line, ...sizes);
}

// Who uses keys goes on where they were, with what they have begun to write there.
function rebuild() {
  const { dataset, value, defaultValue, type } = element.contains(document.activeElement) ? document.activeElement : { dataset: {} };
  body.replaceChildren();
  rows.forEach(makeRow);
  const kept = dataset.key && element.querySelector(`[data-key="${dataset.key}"]`);
  if (!kept) return;
  kept.focus();
  if (type === "number" && value !== defaultValue) kept.value = value;
}

element.querySelector("[data-act=judge]").addEventListener("click", () => trigger("judge", {}));

watch("value", () => {
  const value = props.value || {};
  element.hidden = !value.rows;
  if (!value.rows) return;
  rows = value.rows;
  element.querySelector(".film").src = value.frame;
  element.querySelector(".twin").src = value.picture;
  element.querySelector(".file").href = value.file;
  rebuild();
});
element.hidden = true;

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
let rows = [];

const tell = () => trigger("edit", { rows: rows.map(({ name, family, colour, size }) => ({ name, family, colour, size })) });

function cell(line, ...parts) {
  const made = line.insertCell();
  made.append(...parts);
}

function makeRow(row) {
  const line = body.insertRow();
  const head = document.createElement("th");
  head.scope = "row";
  head.textContent = row.is_target ? `${row.role} (shown)` : row.role;
  line.append(head);
  const family = document.createElement("select");
  for (const name of row.families) family.add(new Option(name, name, false, name === row.family));
  family.setAttribute("aria-label", `Shape of ${row.name}`);
  family.addEventListener("change", () => { row.family = family.value; tell(); });
  const colour = document.createElement("input");
  colour.type = "color";
  colour.value = row.colour;
  colour.setAttribute("aria-label", `Colour of ${row.name}`);
  colour.addEventListener("change", () => { row.colour = colour.value; tell(); });
  const sizes = row.size.map((side, axis) => {
    const size = document.createElement("input");
    Object.assign(size, { type: "number", step: 0.1, min: 0.1, max: 50, value: side });
    size.setAttribute("aria-label", `${["Length", "Width", "Height"][axis]} of ${row.name} in centimetres`);
    size.addEventListener("change", () => { row.size[axis] = Number(size.value); tell(); });
    return size;
  });
  cell(line, family);
  cell(line, colour);
  cell(line, ...sizes);
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
  body.replaceChildren();
  rows.forEach(makeRow);
});
element.hidden = true;

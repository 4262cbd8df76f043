// Understood: the first frame with what is moved where, and the steps, each of which a person can correct.
element.innerHTML = `<h2>What was understood</h2><div class="frame"><img alt=""><svg aria-hidden="true"></svg><div class="handles"></div></div><p class="several" id="several" hidden></p><ol class="steps"></ol><label class="all" hidden><input type="radio" name="step-to-do" data-key="choose-all" aria-describedby="several" aria-label="the robot does all of them, one after another">the robot does all of them, one after another</label>
  <p class="soft">Wrong? Drag the dot to the right item, or the ring to where it went. <a class="drawn" download="reading.png">Save as a picture</a></p>`;

const NS = "http://www.w3.org/2000/svg";
const COLORS = ["#2f9e44", "#b8860b", "#1971c2", "#c2255c"];
const KINDS = { "pick-place": "carried", push: "pushed", place: "put down by a hand that holds it" };
const frame = element.querySelector(".frame"), svg = element.querySelector("svg"), list = element.querySelector(".steps");
const picture = element.querySelector("img"), handles = element.querySelector(".handles");
const all = element.querySelector(".all input");
let steps = [], chosen = 0;

all.addEventListener("change", () => { chosen = "all"; tell(); });

const clip = (share) => Math.min(1, Math.max(0, share));
const tell = () => trigger("correct", { chosen, steps: steps.map(({ number, kind, item, destination }) => ({ number, kind, item, destination })) });

function add(name, attributes) {
  const shape = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, value);
  svg.append(shape);
}

function draw() {
  const [width, height] = [1000, 1000 * picture.naturalHeight / Math.max(1, picture.naturalWidth) || 750];
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.replaceChildren();
  const at = ([x, y]) => [x * width, y * height];
  steps.forEach((step, order) => {
    const color = COLORS[step.number % COLORS.length];
    const points = (step.outline || []).map((point) => at(point).map((value) => value.toFixed(1)).join(",")).join(" ");
    for (const [stroke, thickness] of [["#fff", 9], [color, 5]]) {
      if (points) add("polygon", { points, fill: "none", stroke, "stroke-width": thickness, "stroke-linejoin": "round" });
      const [x, y] = at(step.item), [toX, toY] = at(step.destination);
      const length = Math.hypot(toX - x, toY - y), [ux, uy] = [(toX - x) / (length || 1), (toY - y) / (length || 1)];
      if (length > 60) {
        const [tipX, tipY] = [toX - 30 * ux, toY - 30 * uy];
        add("line", { x1: x, y1: y, x2: tipX, y2: tipY, stroke, "stroke-width": thickness });
        add("path", {
          d: `M${tipX - 26 * ux + 15 * uy} ${tipY - 26 * uy - 15 * ux}L${tipX} ${tipY}L${tipX - 26 * ux - 15 * uy} ${tipY - 26 * uy + 15 * ux}`,
          fill: "none", stroke, "stroke-width": thickness,
        });
      }
    }
  });
  for (const handle of handles.children) {
    const [x, y] = steps[handle.dataset.order][handle.dataset.part];
    handle.style.left = `${100 * x}%`;
    handle.style.top = `${100 * y}%`;
  }
}

function move(handle, x, y) {
  const step = steps[handle.dataset.order], part = handle.dataset.part;
  step[part] = [clip(x), clip(y)];
  if (part === "item") step.outline = null;
  draw();
}

function makeHandle(order, part, text) {
  const handle = document.createElement("button");
  handle.type = "button";
  handle.className = `handle ${part}`;
  handle.dataset.order = order;
  handle.dataset.part = part;
  handle.dataset.key = `${part}-${order}`;
  handle.style.setProperty("--color", COLORS[steps[order].number % COLORS.length]);
  handle.setAttribute("aria-label", `${text} of step ${order + 1}: arrow keys move it`);
  handle.title = `${text}: drag it where it belongs`;
  let before = null;
  handle.addEventListener("pointerdown", (event) => { before = JSON.stringify(steps); handle.setPointerCapture(event.pointerId); });
  handle.addEventListener("pointermove", (event) => {
    if (!handle.hasPointerCapture(event.pointerId)) return;
    const box = frame.getBoundingClientRect();
    move(handle, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  });
  handle.addEventListener("pointerup", () => { if (before !== null && before !== JSON.stringify(steps)) tell(); before = null; });
  let pause = null;
  handle.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!way) return;
    event.preventDefault();
    const [x, y] = steps[order][part];
    move(handle, x + 0.01 * way[0], y + 0.01 * way[1]);
    clearTimeout(pause);
    pause = setTimeout(tell, 800);
  });
  handles.append(handle);
}

function makeRow(step, order) {
  const row = document.createElement("li");
  row.style.setProperty("--color", COLORS[step.number % COLORS.length]);
  const words = document.createElement("span");
  words.textContent = step.words;
  const manner = document.createElement("select");
  manner.setAttribute("aria-label", `How the item of step ${order + 1} was moved`);
  manner.dataset.key = `manner-${order}`;
  for (const [kind, text] of Object.entries(KINDS)) manner.add(new Option(text, kind, false, kind === step.kind));
  manner.addEventListener("change", () => { step.kind = manner.value; tell(); });
  row.append(words, manner);
  if (steps.length > 1) {
    const drop = document.createElement("button");
    drop.type = "button";
    drop.textContent = "Leave out";
    drop.dataset.key = `drop-${order}`;
    drop.setAttribute("aria-label", `Leave out step ${order + 1}`);
    drop.addEventListener("click", () => {
      steps.splice(order, 1);
      if (steps.length === 1) chosen = 0;
      else if (order < chosen || chosen === steps.length) chosen = Math.max(0, chosen - 1);
      build();
      tell();
    });
    const choice = document.createElement("label"), mark = document.createElement("input");
    Object.assign(mark, { type: "radio", name: "step-to-do", checked: order === chosen });
    mark.setAttribute("aria-describedby", "several");
    mark.dataset.key = `choose-${order}`;
    mark.addEventListener("change", () => { chosen = order; tell(); });
    choice.append(mark, `the robot does step ${order + 1}`);
    row.append(choice, drop);
  }
  list.append(row);
}

function build() {
  const focus = element.contains(document.activeElement) && document.activeElement.dataset.key;
  handles.replaceChildren();
  list.replaceChildren();
  const several = element.querySelector(".several");
  several.hidden = all.parentElement.hidden = steps.length < 2;
  all.checked = chosen === "all";
  several.textContent = `The film shows ${steps.length} steps. Choose what the robot does.`;
  steps.forEach((step, order) => {
    makeHandle(order, "item", "The item");
    makeHandle(order, "destination", "The destination");
    makeRow(step, order);
  });
  draw();
  const kept = [focus, "manner-0"].map((key) => element.querySelector(`[data-key="${key}"]`)).find(Boolean);
  if (focus && kept) kept.focus(); // who uses keys goes on where they were
}

// A click beside the handles puts the nearest one there.
frame.addEventListener("click", (event) => {
  if (event.target.closest(".handle")) return;
  const box = frame.getBoundingClientRect();
  const place = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  const way = ({ dataset: { order, part } }) => Math.hypot(steps[order][part][0] - place[0], steps[order][part][1] - place[1]);
  move([...handles.children].sort((one, other) => way(one) - way(other))[0], ...place);
  tell();
});
picture.addEventListener("load", draw);

watch("value", () => {
  const value = props.value || {};
  element.hidden = !value.steps;
  if (!value.steps) return;
  steps = value.steps;
  chosen = value.chosen;
  picture.src = value.picture;
  element.querySelector(".drawn").href = value.drawn;
  picture.alt = `First frame of the film. ${steps.map((step) => step.words).join(". ")}`;
  build();
});
element.hidden = true;

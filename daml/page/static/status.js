// How the work stands, with a way to stop it. The words stay where they are and only change: screen readers tell a change.
element.innerHTML = `
  <div class="line">
    <span class="words" role="status" aria-live="polite"></span>
    <span class="alarm" role="alert"></span>
    <progress aria-label="How far it is" hidden></progress>
    <button type="button" hidden>Stop</button>
  </div>`;

const find = (name) => element.querySelector(name);
const progress = find("progress"), stop = find("button");
let before = null; // what was pressed before Stop: the focus goes back there when Stop goes

document.addEventListener("focusin", (event) => { if (!element.contains(event.target)) before = event.target; });
stop.addEventListener("click", () => trigger("stop", {}));

const put = (name, text) => { if (find(name).textContent !== text) find(name).textContent = text; };

watch("value", () => {
  const value = props.value || {};
  const text = value.text || "";
  find(".line").classList.toggle("shown", Boolean(text));
  find(".line").classList.toggle("bad", Boolean(value.is_alert));
  put(".words", value.is_alert ? "" : text || value.said || "");
  put(".alarm", value.is_alert ? text : "");
  progress.hidden = !value.is_stoppable || value.place !== undefined;
  if (value.total > 1) Object.assign(progress, { max: value.total, value: value.done });
  else progress.removeAttribute("value");
  const had = document.activeElement === stop;
  stop.hidden = !value.is_stoppable;
  if (had && stop.hidden && before && before.isConnected) before.focus();
});

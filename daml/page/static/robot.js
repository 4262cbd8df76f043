// The robot before and after, and how often it succeeds.
element.innerHTML = `
  <h2>The robot</h2>
  <video playsinline muted loop controls aria-label="The robot before adapting and after" aria-describedby="robot-tries"></video>
  <p class="soft" id="robot-tries"></p>
  <div class="count">
    <p class="rate" role="status" aria-live="polite"></p>
    <div class="scale" aria-hidden="true"><div class="interval"></div><div class="mark"></div></div>
    <p class="soft between"></p>
    <ul class="failures"></ul>
    <p class="doubts"></p>
  </div>
  <div class="bar downloads" role="group" aria-label="To take along">
    <a class="clip" download="robot.mp4">Clip</a>
    <a class="policy" download="policy.zip">Policy</a>
    <a class="scene" download="scene.zip">Scene file</a>
    <a class="result" download="result.json">Result (JSON)</a>
  </div>`;

const find = (name) => element.querySelector(name);
const percent = (share) => `${Math.round(100 * share)} %`;
const video = find("video");

watch("value", () => {
  const value = props.value || {};
  element.hidden = !value.clip;
  if (!value.clip) { video.removeAttribute("src"); return; }
  if (!video.src.endsWith(value.clip_file)) {
    video.src = value.clip_file;
    video.play().catch(() => {});
  }
  find("#robot-tries").textContent = `On the left before adapting: ${value.tries.before}. On the right after: ${value.tries.after}.`;
  const rate = value.success_rate;
  find(".rate").textContent = rate === undefined
    ? "Counting how often it succeeds, each time with the things laid out anew ..."
    : `${Math.round(rate * value.done)} of ${value.done} succeeded: ${percent(rate)}`;
  find(".between").textContent = rate === undefined ? ""
    : `95 % interval: ${percent(value.success_rate_low)} to ${percent(value.success_rate_high)}`
      + (value.chance_rate === undefined ? "" : `. A choice at random would be right in ${percent(value.chance_rate)}.`);
  find(".scale").hidden = rate === undefined;
  if (rate !== undefined) {
    const [low, high] = [value.success_rate_low, value.success_rate_high];
    Object.assign(find(".interval").style, { left: `${100 * low}%`, width: `${100 * (high - low)}%` });
    find(".mark").style.left = `${100 * rate}%`;
  }
  find(".failures").replaceChildren(...Object.entries(value.failures || {}).map(([words, number]) => {
    const line = document.createElement("li");
    line.textContent = `${number} ${words}`;
    return line;
  }));
  find(".doubts").textContent = (value.doubts || []).length
    ? `The robot's policy takes another thing for the ${value.doubts.join(" and the ")} than was understood.` : "";
  find(".downloads").hidden = !value.is_complete;
  find(".clip").href = value.clip_file;
  for (const name of ["policy", "scene", "result"]) if (value[name]) find(`.${name}`).href = value[name];
});
element.hidden = true;

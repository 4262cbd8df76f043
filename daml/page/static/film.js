// Film: the camera, a file or an example; then a strip with two handles. Runs once, as the page loads.
// The template is empty: what is here is made here, and no update of the page replaces it.
element.innerHTML = `
  <h2>Film</h2>
  <div class="screen">
    <video playsinline muted aria-label="The film"></video>
    <div class="countdown" aria-live="assertive"></div>
    <img class="table" alt="A table with things on it" hidden>
    <button type="button" class="hand" hidden aria-label="The hand: arrow keys move it, the space bar takes and lets go"></button>
    <p class="hint">The camera stands still and sees both places. Begin with your hand outside, move one thing, and take your hand away.</p>
  </div>
  <div class="bar" role="group" aria-label="Where the film comes from">
    <button type="button" data-act="camera">Film yourself</button>
    <button type="button" data-act="start" hidden>Start in 3 s</button>
    <button type="button" data-act="stop" hidden>Stop filming</button>
    <button type="button" data-act="file">Choose a file</button>
    <input type="file" accept="video/*,.mkv,.avi,.gif" hidden aria-label="Video file">
    <button type="button" data-act="table">Lead a hand by mouse</button>
    <button type="button" data-act="example">Show me an example</button>
    <select aria-label="What is done on the table, or shown in the example">
      <option value="pick-place">picking and placing</option>
      <option value="push">pushing</option>
    </select>
  </div>
  <p class="told" role="status" aria-live="polite"></p>
  <div class="sent" hidden><progress max="1" aria-label="Sending the film"></progress></div>
  <fieldset class="trim" hidden>
    <legend>What of it shows the task</legend>
    <div class="strip">
      <img alt="">
      <div class="cut left"></div><div class="cut right"></div>
      <input type="range" class="from" min="0" step="any" aria-label="Begins at, in seconds">
      <input type="range" class="to" min="0" step="any" aria-label="Ends at, in seconds">
    </div>
    <output></output>
    <button type="button" data-act="read" class="primary">What does it show?</button>
  </fieldset>`;

const find = (name) => element.querySelector(name);
const button = (act) => find(`[data-act=${act}]`);
const video = find("video"), told = find(".told"), from = find(".from"), to = find(".to"), chosen = find("[type=file]");
let stream = null, recorder = null, timer = null, shortest = 0.5, secret = "";

const able = (is) => element.querySelectorAll(".bar button, .bar input, .bar select").forEach((part) => { part.disabled = !is; });
const say = (text) => { told.textContent = text; };
let lost = false; // the focus was on a button that went

function show(...acts) {
  const focused = document.activeElement;
  lost ||= find(".bar").contains(focused) && !acts.includes(focused.dataset.act || "example");
  for (const act of ["camera", "start", "stop", "file", "table", "example"]) button(act).hidden = !acts.includes(act);
  find("select").hidden = !acts.includes("example");
  if (!lost || !acts.length) return;
  lost = false;
  button(acts[0]).focus();
}

function endCamera() {
  clearInterval(timer);
  find(".countdown").textContent = "";
  if (stream) stream.getTracks().forEach((track) => track.stop());
  stream = recorder = null;
  video.srcObject = null;
}

async function openCamera() {
  if (!navigator.mediaDevices) {
    say("Browsers let a page use the camera on this machine or over https alone: choose a file instead.");
    return;
  }
  try {
    const wanted = { width: { ideal: 1280 }, height: { ideal: 720 }, facingMode: { ideal: "environment" } };
    stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
  } catch (error) {
    say(`The camera cannot be used (${error.name}): allow it in the browser, or choose a file.`);
    return;
  }
  showTable("");
  find(".trim").hidden = true;
  find(".hint").hidden = true;
  video.removeAttribute("src");
  video.controls = false;
  video.srcObject = stream;
  await video.play();
  show("start", "file");
  say("This is what the camera sees, as others see you: it is not mirrored.");
}

function countDown() {
  show("stop");
  let seconds = 3;
  const tick = () => {
    find(".countdown").textContent = seconds > 0 ? seconds : "";
    if (seconds-- <= 0) { clearInterval(timer); record(); }
  };
  tick();
  timer = setInterval(tick, 1000);
}

function record() {
  const kind = ["video/webm;codecs=vp8", "video/webm", "video/mp4"].find((name) => MediaRecorder.isTypeSupported(name));
  const pieces = [];
  recorder = new MediaRecorder(stream, { mimeType: kind, videoBitsPerSecond: 6e6 });
  recorder.ondataavailable = (event) => pieces.push(event.data);
  recorder.onstop = () => {
    endCamera();
    send(new Blob(pieces, { type: kind }), kind.includes("mp4") ? "mp4" : "webm");
  };
  recorder.start(500);
  const began = Date.now();
  timer = setInterval(() => {
    const seconds = (Date.now() - began) / 1000;
    say(`filming: ${seconds.toFixed(0)} s`);
    if (seconds >= LONGEST_RECORDING_S && recorder) recorder.stop();
  }, 250);
}

function send(content, suffix) {
  if (content.size > MOST_BYTES) {
    say(`This film has ${(content.size / 1e6).toFixed(0)} MB, but at most ${MOST_BYTES / 1e6} MB are taken: export it smaller, or trim it.`);
    show("camera", "file", "table", "example");
    return;
  }
  const request = new XMLHttpRequest(), bar = find("progress");
  find(".sent").hidden = false;
  find(".trim").hidden = true;
  bar.value = 0;
  show();
  say("sending the film ...");
  request.upload.onprogress = (event) => { bar.value = event.loaded / event.total; };
  request.onloadend = () => {
    find(".sent").hidden = true;
    show("camera", "file", "table", "example");
    const { wrong } = request.status === 200 ? JSON.parse(request.responseText)
      : { wrong: request.responseText.trim() || "The film could not be sent: is the page's program still running?" };
    if (wrong) say(wrong);
    else trigger("filmed", {});
  };
  request.open("POST", `visits/${secret}/film?suffix=${encodeURIComponent(suffix)}`);
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.send(content);
}

const acts = {
  camera: openCamera,
  start: countDown,
  stop: () => {
    if (recorder) { recorder.stop(); return; }
    endCamera();
    show("camera", "file", "table", "example");
    say("");
  },
  file: () => chosen.click(),
  table: () => { endCamera(); trigger("table", { kind: find("select").value }); },
  example: () => { endCamera(); trigger("example", { kind: find("select").value }); },
  read: () => trigger("read", { start: Number(from.value), end: Number(to.value) }),
};
element.addEventListener("click", (event) => {
  const act = event.target.dataset && event.target.dataset.act;
  if (act) acts[act]();
});
chosen.addEventListener("change", () => {
  const file = chosen.files[0];
  chosen.value = "";
  if (file) { endCamera(); send(file, (file.name.split(".").pop() || "").toLowerCase().slice(0, 5)); }
});

function drawTrim() {
  const length = Number(from.max);
  find(".cut.left").style.width = `${100 * from.value / length}%`;
  find(".cut.right").style.width = `${100 - 100 * to.value / length}%`;
  find(".trim output").textContent = `${Number(from.value).toFixed(1)} to ${Number(to.value).toFixed(1)} s of ${length.toFixed(1)} s`;
}
from.addEventListener("input", () => {
  from.value = Math.min(from.value, to.value - shortest);
  video.pause();
  video.currentTime = from.value;
  drawTrim();
});
to.addEventListener("input", () => {
  to.value = Math.max(to.value, Number(from.value) + shortest);
  video.pause();
  video.currentTime = to.value;
  drawTrim();
});
video.addEventListener("timeupdate", () => {
  if (!stream && !find(".trim").hidden && !video.paused && video.currentTime > Number(to.value)) video.currentTime = from.value;
});

// A hand that is led over the picture of a table, by mouse, finger or keys.
const table = find(".table"), hand = find(".hand");
let way = null, spot = [0.5, 0.5], tableKind = "";

function showTable(picture) {
  table.hidden = hand.hidden = !picture;
  video.hidden = Boolean(picture);
  if (!picture) return;
  endCamera();
  show("camera", "file", "table", "example");
  find(".trim").hidden = true;
  find(".hint").hidden = true;
  table.src = picture;
  way = null;
  spot = [0.5, 0.5];
  drawHand();
  say("Press on a thing, drag it where it belongs, and let go. Or: arrow keys, and the space bar to take and to let go.");
}
function drawHand() {
  const box = table.getBoundingClientRect(), screen = find(".screen").getBoundingClientRect();
  hand.style.left = `${box.left - screen.left + spot[0] * box.width}px`;
  hand.style.top = `${box.top - screen.top + spot[1] * box.height}px`;
  hand.classList.toggle("holds", way !== null);
}
function lead(x, y) {
  spot = [x, y].map((share) => Math.min(1, Math.max(0, share)));
  if (way && way.length < 1500) way.push([performance.now() / 1000, ...spot]);
  drawHand();
}
function leadTo(event) {
  const box = table.getBoundingClientRect();
  lead((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
}
function take() { way = []; lead(...spot); }
function letGo() {
  lead(...spot);
  const led = way;
  way = null;
  drawHand();
  if (led.length > 1) trigger("lead", { way: led, kind: tableKind });
}
for (const part of [table, hand]) {
  part.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    part.setPointerCapture(event.pointerId);
    leadTo(event);
    take();
  });
  part.addEventListener("pointermove", (event) => { if (way || !table.hidden) leadTo(event); });
  part.addEventListener("pointerup", () => { if (way) letGo(); });
}
hand.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (step) lead(spot[0] + 0.02 * step[0], spot[1] + 0.02 * step[1]);
  else if (event.key !== " ") return;
  else if (way) letGo();
  else take();
  event.preventDefault();
});

able(false);  // until the visit has begun
watch("value", () => {
  const film = props.value || {};
  if (film.secret) {
    secret = film.secret;
    able(true);
  }
  tableKind = film.kind || "";
  showTable(film.table);
  if (film.told !== undefined) say(film.told);
  if (!film.film) return;
  endCamera();
  show("camera", "file", "table", "example");
  button("camera").textContent = "Film again";
  find(".hint").hidden = true;
  video.src = film.film;
  video.controls = true;
  video.loop = true;
  video.play().catch(() => {});
  find(".strip img").src = film.strip;
  for (const handle of [from, to]) handle.max = film.duration;
  shortest = Math.min(0.5, film.duration / 2);
  from.value = 0;
  to.value = film.duration;
  find(".trim").hidden = false;
  drawTrim();
  if (document.activeElement === button("camera")) button("read").focus();
});

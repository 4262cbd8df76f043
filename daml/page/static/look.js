// Look about: a rollout as a scene that can be turned, zoomed and played. What draws it is loaded when it is asked for.
element.innerHTML = `
  <h2>Look about</h2>
  <button type="button" data-act="open">Turn the scene yourself</button>
  <div class="stage" hidden>
    <canvas tabindex="0" role="application" aria-describedby="look-keys"></canvas>
    <div class="bar">
      <button type="button" data-act="play" class="primary">Play</button>
      <input type="range" class="moment" min="0" max="1" step="0.1" value="0" aria-label="Moment, in seconds">
      <select aria-label="Which try is shown">
        <option value="after">after adapting</option>
        <option value="before">before adapting</option>
      </select>
      <button type="button" data-act="back">First view</button>
    </div>
    <p class="soft" id="look-keys">Drag to turn, scroll or pinch to zoom. Keys: arrows turn, + and - zoom, space plays and stops.</p>
  </div>
  <p class="told" role="status" aria-live="polite"></p>`;

const TURN = Math.PI / 36, ZOOM = 1.1; // at one press of a key: five degrees, a tenth nearer
const NEAREST = 0.15, FARTHEST = 3, LOWEST = 0.49 * Math.PI; // of the camera, in metres and radians: not below the table
const LOOKED_AT = [0.45, 0.03, 0]; // where the view turns about: a little above the middle of the table
const find = (name) => element.querySelector(name);
const button = (act) => find(`[data-act=${act}]`);
const canvas = find("canvas"), stage = find(".stage"), moment = find(".moment"), choice = find("select");
let scenes = {}, three = null, renderer = null, controls = null, scene = null, camera = null, mixer = null, first = null;
let playing = false, drawing = false, last = 0, asked = 0;

const say = (text) => { find(".told").textContent = text; };

function draw() {
  if (drawing || !scene) return;
  drawing = true;
  requestAnimationFrame((now) => {
    drawing = false;
    if (!scene) return;
    if (playing) {
      show(Math.min(Number(moment.max), Number(moment.value) + (now - last) / 1000));
      if (Number(moment.value) >= Number(moment.max)) play(false);
    }
    last = now;
    fit();
    renderer.render(scene, camera);
    canvas.dataset.drawn = String(Number(canvas.dataset.drawn || 0) + 1);
    if (playing) draw();
  });
}

function fit() {
  const { clientWidth, clientHeight } = canvas;
  if (clientHeight) camera.aspect = clientWidth / clientHeight;
  camera.updateProjectionMatrix();
  renderer.setPixelRatio(Math.min(devicePixelRatio, 2));
  renderer.setSize(clientWidth, clientHeight, false);
}

function show(seconds) {
  moment.value = seconds;
  moment.setAttribute("aria-valuetext", `${seconds.toFixed(1)} seconds`);
  // At its very end an animation would be at its beginning again.
  if (mixer) mixer.setTime(Math.min(seconds, Number(moment.max) - 1e-3));
}

function play(is) {
  if (is && Number(moment.value) >= Number(moment.max)) show(0);
  playing = is;
  last = performance.now();
  button("play").textContent = is ? "Stop" : "Play";
  draw();
}

function turn(across, up, nearer) {
  const way = new three.Spherical().setFromVector3(camera.position.clone().sub(controls.target));
  way.theta += across;
  way.phi = Math.min(LOWEST, Math.max(0.02, way.phi + up));
  way.radius = Math.min(FARTHEST, Math.max(NEAREST, way.radius * nearer));
  camera.position.setFromSpherical(way).add(controls.target);
  controls.update();
  draw();
}

function goBack() {
  camera.position.copy(first);
  controls.target.set(...LOOKED_AT);
  controls.update();
  draw();
}

function prepare() {
  renderer = new three.WebGLRenderer({ canvas, antialias: true });
  renderer.shadowMap.enabled = true;
  renderer.shadowMap.type = three.PCFShadowMap;
  renderer.setClearColor(0xcfd8df);
  camera = new three.PerspectiveCamera(45, 4 / 3, 0.01, 20);
  controls = new three.OrbitControls(camera, canvas);
  Object.assign(controls, { minDistance: NEAREST, maxDistance: FARTHEST, maxPolarAngle: LOWEST, enableZoom: false });
  controls.addEventListener("change", draw);
  new ResizeObserver(draw).observe(canvas);
}

function light(lit) {
  const sun = new three.DirectionalLight(0xffffff, 1.9);
  sun.position.set(1, 2, 1.2);
  sun.target.position.set(...LOOKED_AT);
  sun.castShadow = true;
  sun.shadow.mapSize.set(2048, 2048);
  Object.assign(sun.shadow.camera, { left: -1, right: 1, top: 1, bottom: -1, near: 0.5, far: 4 });
  sun.shadow.normalBias = 0.005;
  lit.add(new three.HemisphereLight(0xffffff, 0xb0a89c, 1.6), sun, sun.target);
  lit.traverse((part) => { if (part.isMesh) part.castShadow = part.receiveShadow = true; });
}

function forget() {
  play(false);
  if (scene) scene.traverse((part) => {
    if (!part.isMesh) return;
    part.geometry.dispose();
    if (part.material.map) part.material.map.dispose();
    part.material.dispose();
  });
  scene = mixer = null;
}

async function open() {
  const turnOf = ++asked, kind = choice.value;
  say("Loading the scene ...");
  try {
    three ??= await import(new URL("three.js", document.baseURI).href);
    if (!renderer) prepare();
    const loaded = await new three.GLTFLoader().loadAsync(new URL(scenes[kind], document.baseURI).href);
    if (turnOf !== asked) return; // another one was asked for meanwhile
    const isFirst = !first;
    forget();
    scene = new three.Scene();
    scene.add(loaded.scene);
    light(scene);
    scene.updateMatrixWorld();
    camera.fov = loaded.cameras[0].fov;
    first = loaded.cameras[0].getWorldPosition(new three.Vector3());
    moment.max = loaded.animations.length ? loaded.animations[0].duration : 0;
    mixer = new three.AnimationMixer(loaded.scene);
    for (const clip of loaded.animations) mixer.clipAction(clip).play();
    show(0);
    if (isFirst) goBack();
  } catch (error) {
    stage.hidden = true;
    button("open").hidden = false;
    say(renderer ? "The scene could not be loaded: let the robot try again." : "This browser cannot draw in three dimensions; the scene can be taken along as a file.");
    return;
  }
  canvas.setAttribute("aria-label", `The robot ${choice.selectedOptions[0].text}, as a scene to turn`);
  say("");
  play(!matchMedia("(prefers-reduced-motion: reduce)").matches);
}

function onKey(event) {
  const act = {
    ArrowLeft: () => turn(-TURN, 0, 1), ArrowRight: () => turn(TURN, 0, 1), ArrowUp: () => turn(0, -TURN, 1), ArrowDown: () => turn(0, TURN, 1),
    "+": () => turn(0, 0, 1 / ZOOM), "=": () => turn(0, 0, 1 / ZOOM), "-": () => turn(0, 0, ZOOM), " ": () => play(!playing),
  }[event.key];
  if (!act || !scene || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  act();
}

button("open").addEventListener("click", async () => {
  button("open").hidden = true;
  stage.hidden = false;
  await open();
  canvas.focus();
});
button("play").addEventListener("click", () => play(!playing));
button("back").addEventListener("click", goBack);
choice.addEventListener("change", open);
moment.addEventListener("input", () => { play(false); show(Number(moment.value)); });
canvas.addEventListener("keydown", onKey);
// The wheel scrolls the page until the scene was taken hold of.
canvas.addEventListener("pointerdown", () => canvas.focus());
canvas.addEventListener("focus", () => { if (controls) controls.enableZoom = true; });
canvas.addEventListener("blur", () => { if (controls) controls.enableZoom = false; });

watch("value", () => {
  const value = props.value || {};
  element.hidden = !value.after;
  if (value.after === scenes.after && value.before === scenes.before) return;
  asked++;
  forget();
  scenes = value;
  first = null;
  choice.value = "after";
  stage.hidden = true;
  button("open").hidden = false;
  say("");
});
element.hidden = true;

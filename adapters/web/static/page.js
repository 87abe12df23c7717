// The local page: fetches fragments, puts in what differs, and sends what a person does.
// All HTML comes from the server, escaped there; everything else is set as text.

const $ = (id) => document.getElementById(id);
const say = document.body.dataset;
const me = say.as;
let at = new URLSearchParams(location.search).get("at") ?? sessionStorage.getItem("at") ?? "home";
const shown = new Map(); // key of an item -> its HTML as last fetched
const privates = new Map(); // place -> private answers, newest last
let loaded = ""; // the place that is on screen

const url = (path, more) => `${path}?${new URLSearchParams({ as: me, at, ...more })}`;
const newKey = () => crypto.getRandomValues(new Uint32Array(4)).reduce((s, n) => s + n.toString(36), "");
const announce = (text) => { $("announce").textContent = text; };

function element(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

// -- putting in what differs ------------------------------------------------------------------

function keepingFocus(box, change) {
  const k = box.contains(document.activeElement) ? document.activeElement.dataset.k : undefined;
  const message = document.activeElement?.closest?.("[data-message]")?.dataset.message;
  change();
  if (k === undefined || box.contains(document.activeElement)) return;
  const scope = (message && box.querySelector(`[data-message="${message}"]`)) || box;
  (scope.querySelector(`[data-k="${CSS.escape(k)}"]`) ?? scope.querySelector(".card-title"))?.focus();
}

function put(box, html) {
  if (box.lastHtml === html) return;
  keepingFocus(box, () => { box.innerHTML = html; });
  box.lastHtml = html;
}

function reconcile(items, fresh) {
  const box = $("items");
  const wanted = new Set(items.map((item) => item.key));
  for (const child of [...box.children]) {
    if (fresh || !wanted.has(child.dataset.key)) { shown.delete(child.dataset.key); child.remove(); }
  }
  let arrived = false;
  items.forEach((item, index) => {
    const old = box.children[index];
    if (old?.dataset.key === item.key && shown.get(item.key) === item.html) return;
    const node = element(item.html);
    node.dataset.key = item.key;
    if (!fresh && at !== "home") { node.classList.add("arrived"); arrived ||= !shown.has(item.key); }
    shown.set(item.key, item.html);
    if (old?.dataset.key === item.key) keepingFocus(box, () => old.replaceWith(node));
    else box.insertBefore(node, old ?? null);
  });
  return arrived;
}

const nearEnd = () => { const s = $("scroll"); return s.scrollHeight - s.scrollTop - s.clientHeight < 120; };
const toEnd = () => { $("scroll").scrollTop = $("scroll").scrollHeight; };

function show(state) {
  const fresh = loaded !== state.at;
  const followed = nearEnd();
  if (state.language !== document.documentElement.lang) { location.reload(); return; }
  say.token = state.token;
  at = loaded = state.at;
  sessionStorage.setItem("at", at);
  $("attach").hidden = !at.startsWith("dm:");
  history.replaceState(null, "", `/?${new URLSearchParams({ as: me, at })}`);
  document.title = state.title;
  put($("entries"), state.side);
  put($("place"), state.place);
  put($("clock"), state.clock);
  for (const option of $("as").options) {
    const label = state.people[option.value];
    if (label && option.textContent !== label) option.textContent = label;
  }
  const arrived = reconcile(state.items, fresh);
  if (fresh) {
    showPrivates();
    $("newer").hidden = true;
    const newest = $("items").lastElementChild;
    $("scroll").scrollTop = at === "home" ? 0 : newest.offsetTop - 12;
  } else if (followed) {
    if (at !== "home" || privates.get(at)?.length) toEnd();
  } else if (arrived && at !== "home") {
    $("newer").hidden = false;
  }
}

let running = false;
let again = false;
async function refresh() {
  if (running) { again = true; return; }
  running = true;
  try {
    do {
      again = false;
      const asked = at;
      const answer = await fetch(url("/page/state"));
      if (!answer.ok) throw new Error(answer.status);
      const state = await answer.json();
      if (asked === at) show(state); else again = true;
    } while (again);
    $("lost").hidden = true;
  } catch {
    $("lost").hidden = false;
    refreshSoon(2000);
  } finally {
    running = false;
  }
}

let soon = 0;
function refreshSoon(wait = 60) {
  clearTimeout(soon);
  soon = setTimeout(refresh, wait);
}

// The place's name is read out once it stands there; whoever has gone on to type by then keeps the focus.
async function goTo(place) {
  const from = document.activeElement;
  at = place;
  unfold("menu", false);
  await refresh();
  const now = document.activeElement;
  if (now === from || now === document.body) $("place-name")?.focus();
}

// -- private answers --------------------------------------------------------------------------

function showPrivates() {
  $("private").replaceChildren(...(privates.get(at) ?? []));
}

function tell(html, place, instead) {
  const node = element(html);
  const list = (privates.get(place) ?? []).filter((old) => old !== instead);
  privates.set(place, [...list, node]);
  if (place !== at) return;
  const held = instead?.contains(document.activeElement);
  instead?.remove();
  $("private").append(node);
  if (held) node.querySelector(".card-title").focus();
  node.scrollIntoView({ block: node.offsetHeight > $("scroll").clientHeight - 40 ? "start" : "end" });
}

// -- asking the server ------------------------------------------------------------------------

const post = (path, body) => ask(url(path), "application/json", JSON.stringify(body));

async function ask(address, type, body) {
  let answer;
  try {
    answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": type, "X-Page-Token": say.token },
      body,
    });
  } catch {
    return { kind: "trouble", text: say.sayTrouble };
  }
  if (answer.ok) return answer.json();
  return { kind: "trouble", text: answer.status === 403 ? say.sayOld : say.sayTrouble };
}

function answered(answer, place, instead) {
  if (answer.kind === "tell") tell(answer.html, place, instead);
  if (answer.kind === "ask") openForm(answer.html);
  if (answer.kind === "done") { privates.clear(); showPrivates(); } // the clock has moved: they were said before
  if (answer.kind === "trouble" || answer.kind === "faults") notice(answer.text ?? Object.values(answer.faults).join(" "));
  refreshSoon();
}

function notice(text) {
  const node = document.createElement("p");
  node.className = "notice";
  node.textContent = text;
  tell(node.outerHTML, at);
}

async function confirmed({ title, text, yes, no }) {
  if (title === undefined) return true;
  $("confirm-title").textContent = title;
  $("confirm-text").textContent = text;
  $("confirm-yes").textContent = yes;
  $("confirm-no").textContent = no;
  const dialog = $("confirm");
  dialog.returnValue = "no";
  dialog.showModal();
  $("confirm-no").focus();
  await new Promise((closed) => dialog.addEventListener("close", closed, { once: true }));
  return dialog.returnValue === "yes";
}

// One key for a press until it is answered and the finger is off: a double click is one press.
async function press(button) {
  if (button.busy || !button.closest("main")) return;
  button.busy = true;
  button.setAttribute("aria-busy", "true");
  try {
    if (!(await confirmed(button.dataset))) return;
    const place = at;
    button.key ??= newKey();
    const { verb, arg } = button.dataset;
    const answer = await post("/page/press", { verb, arg, key: button.key });
    if (answer.kind !== "trouble") button.key = undefined;
    answered(answer, place, button.closest(".private") ?? undefined);
    await new Promise((done) => setTimeout(done, 400));
  } finally {
    button.busy = false;
    button.removeAttribute("aria-busy");
  }
}

async function move(button) {
  if (button.ariaDisabled) return;
  const answer = await post("/page/clock", { move: button.dataset.move });
  answered(answer, at);
  if (answer.kind !== "done") return;
  await refresh();
  announce(document.querySelector("#clock .time").textContent);
}

// -- forms ------------------------------------------------------------------------------------

function openForm(html) {
  const dialog = $("dialog");
  const form = element(html);
  form.key = newKey();
  form.place = at;
  form.querySelector(".form-title").id = "dialog-title";
  dialog.replaceChildren(form);
  if (!dialog.open) dialog.showModal();
  const first = form.querySelector("input, select, textarea");
  const chosen = first?.type === "radio" && first.closest("fieldset").querySelector("input:checked");
  (chosen || first || form.querySelector(".form-title")).focus();
}

// In the order in which they were ticked: the first person is the account manager.
let ticks = 1000; // beyond the ranks of those who were chosen before
document.addEventListener("change", (event) => { if (event.target.type === "checkbox") event.target.ticked = ++ticks; });
const chosenIn = (field) => [...field.querySelectorAll("input:checked")]
  .sort((a, b) => rank(a) - rank(b)).map((box) => box.value);
const rank = (box) => box.ticked ?? Number(box.dataset.rank ?? 0);

const fileIn = (form) => form.querySelector("[data-kind=file] input")?.files[0];

function valueOf(field) {
  if (field.dataset.kind === "many") return chosenIn(field);
  const single = field.querySelector(":scope > input, :scope > select, :scope > textarea");
  const value = single ? single.value.trim() : (field.querySelector("input:checked")?.value ?? "");
  return field.dataset.kind === "moment" ? { moment: value } : value;
}

function lacking(field, value) {
  const empty = value === "" || value.length === 0 || value.moment === "";
  if (empty && "required" in field.dataset) return say.sayRequired;
  const longest = Number(field.querySelector("[data-longest]")?.dataset.longest ?? 0);
  if (longest && value.length > longest) return say.sayLong.replace("{most}", longest).replace("{n}", value.length);
  const most = Number(field.dataset.most ?? 0);
  return most && value.length > most ? say.sayMost.replace("{n}", most) : "";
}

function showFaults(form, faults) {
  const known = new Set();
  let first;
  for (const field of form.querySelectorAll("[data-field]")) {
    const text = faults[field.dataset.field] ?? "";
    known.add(field.dataset.field);
    const line = field.querySelector(":scope > .fault");
    line.textContent = text;
    line.hidden = !text;
    for (const control of field.querySelectorAll("input, select, textarea")) {
      if (text) control.setAttribute("aria-invalid", "true"); else control.removeAttribute("aria-invalid");
    }
    if (text) first ??= field.querySelector("input, select, textarea");
  }
  const rest = Object.entries(faults).filter(([name]) => !known.has(name)).map(([, text]) => text).join(" ");
  const general = form.querySelector("[data-fault]");
  general.textContent = rest;
  general.hidden = !rest;
  first?.focus();
}

// A file stands for all that could be filled in instead.
function filled(form, file) {
  const values = {};
  const faults = {};
  for (const field of form.querySelectorAll("[data-field]:not([data-kind=file])")) {
    const value = valueOf(field);
    values[field.dataset.field] = value;
    const text = file ? "" : lacking(field, value);
    if (text) faults[field.dataset.field] = text;
    if (file && value && field.querySelector("textarea")) faults.table = say.sayBoth;
  }
  return [values, faults];
}

async function submit(form) {
  if (form.busy) return;
  const file = fileIn(form);
  const [values, faults] = filled(form, file);
  showFaults(form, faults);
  if (Object.keys(faults).length) return;
  const button = form.querySelector("[type=submit]");
  const label = button.textContent;
  form.busy = true;
  button.setAttribute("aria-busy", "true");
  button.textContent = say.saySaving;
  const answer = file
    ? await sent(file, { key: form.key, form: form.dataset.form })
    : await post(form.dataset.post, { form: form.dataset.form, state: form.dataset.state, values, key: form.key });
  form.busy = false;
  button.removeAttribute("aria-busy");
  button.textContent = label;
  if (answer.kind === "faults") showFaults(form, answer.faults);
  else if (answer.kind === "trouble") showFaults(form, { "": answer.text });
  else {
    if (answer.kind !== "ask") $("dialog").close();
    answered(answer, form.place);
  }
}

// -- files ------------------------------------------------------------------------------------

async function sent(file, more) {
  if (file.size > Number(say.most)) return { kind: "faults", faults: { table: say.sayLarge } };
  return ask(url("/page/file", more), "application/octet-stream", file);
}

// Another file is another submission: it gets no answer that was given to the one before.
function named(input) {
  input.form.key = newKey();
  const row = input.closest(".file-row");
  row.querySelector(".file-name").textContent = input.files[0]?.name ?? "";
  row.querySelector("[data-unfile]").hidden = !input.files.length;
}

// In the bot's own chat a file is sent as it is chosen.
async function send(file) {
  const attach = $("attach");
  if (!file || attach.busy) return;
  attach.busy = true;
  attach.querySelector("label").setAttribute("aria-busy", "true");
  announce(say.sayReading.replace("{name}", file.name));
  const place = at;
  answered(await sent(file, { key: newKey() }), place);
  attach.busy = false;
  attach.querySelector("label").removeAttribute("aria-busy");
}

$("file").addEventListener("change", (event) => {
  const [file] = event.target.files;
  send(file);
  event.target.value = ""; // the same file may be sent again
});
document.addEventListener("change", (event) => { if (event.target.matches(".file-row input")) named(event.target); });

// Wherever a file is dropped the browser must not open it in place of the page.
const bearsFiles = (event) => event.dataTransfer?.types.includes("Files");
document.addEventListener("dragover", (event) => {
  if (!bearsFiles(event)) return;
  event.preventDefault();
  document.body.classList.add("dropping");
});
document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) document.body.classList.remove("dropping"); });
document.addEventListener("drop", (event) => {
  if (!bearsFiles(event)) return;
  event.preventDefault();
  document.body.classList.remove("dropping");
  const { files } = event.dataTransfer;
  const input = document.querySelector("#dialog[open] .file-row input");
  if (!input && ($("dialog").open || !at.startsWith("dm:"))) return;
  if (files.length > 1 && input) showFaults(input.form, { table: say.sayOne });
  else if (files.length > 1) notice(say.sayOne);
  else if (input) { input.files = files; named(input); }
  else send(files[0]);
});

// -- the command box --------------------------------------------------------------------------

const box = $("box");
const list = $("commands");
const options = [...list.children];
let chosen = -1;

function suggest() {
  const typed = box.value.trimStart().toLowerCase();
  const any = typed.startsWith("/") && !typed.includes(" ");
  for (const option of options) {
    option.hidden = !(any && option.dataset.names.split(" ").some((name) => name.startsWith(typed) || name.includes(typed.slice(1))));
  }
  choose(-1);
  const visible = options.some((option) => !option.hidden);
  list.hidden = !visible;
  box.setAttribute("aria-expanded", String(visible));
}

function choose(index) {
  chosen = index;
  options.forEach((option, i) => option.setAttribute("aria-selected", String(i === index)));
  if (index < 0) box.removeAttribute("aria-activedescendant");
  else {
    box.setAttribute("aria-activedescendant", options[index].id);
    options[index].scrollIntoView({ block: "nearest" });
  }
}

function step(by) {
  const visible = options.map((_, i) => i).filter((i) => !options[i].hidden);
  if (!visible.length) return;
  const now = visible.indexOf(chosen);
  choose(visible[now < 0 ? (by > 0 ? 0 : visible.length - 1) : (now + by + visible.length) % visible.length]);
}

function closeList() {
  list.hidden = true;
  box.setAttribute("aria-expanded", "false");
  choose(-1);
}

function fill(option) {
  box.value = option.dataset.fill;
  closeList();
  box.focus();
}

async function run() {
  const text = box.value.trim();
  if (!text || box.busy) return;
  closeList();
  box.busy = true;
  const place = at;
  const answer = await post("/page/command", { text });
  box.busy = false;
  if (answer.kind !== "trouble") box.value = "";
  answered(answer, place);
}

box.addEventListener("input", suggest);
box.addEventListener("blur", () => setTimeout(closeList, 150));
box.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (list.hidden) suggest();
    step(event.key === "ArrowDown" ? 1 : -1);
    event.preventDefault();
  } else if (event.key === "Escape" && !list.hidden) {
    closeList();
    event.preventDefault();
  } else if (event.key === "Tab" && !event.shiftKey && !list.hidden) {
    fill(options[chosen < 0 ? options.findIndex((option) => !option.hidden) : chosen]);
    event.preventDefault();
  } else if (event.key === "Enter" && chosen >= 0) {
    const option = options[chosen];
    fill(option);
    if (!option.dataset.takes) run();
    event.preventDefault();
  }
});
list.addEventListener("mousedown", (event) => {
  const option = event.target.closest("[role=option]");
  if (!option) return;
  event.preventDefault();
  fill(option);
  if (!option.dataset.takes) run();
});
$("box-form").addEventListener("submit", (event) => { event.preventDefault(); run(); });

// -- everything else --------------------------------------------------------------------------

function unfold(id, open) {
  document.body.classList.toggle(`${id}-open`, open);
  $(id).setAttribute("aria-expanded", String(open));
}
const unfolded = (id) => document.body.classList.contains(`${id}-open`);

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-verb], [data-move], [data-at], [data-close], [data-dismiss], [data-unfile]");
  if (!target) return;
  const data = target.dataset;
  if ("verb" in data) press(target);
  else if ("move" in data) move(target);
  else if ("at" in data) { if (!event.ctrlKey && !event.metaKey) { event.preventDefault(); goTo(data.at); } }
  else if ("close" in data) $("dialog").close();
  else if ("unfile" in data) {
    const input = target.closest(".file-row").querySelector("input");
    input.value = "";
    named(input);
    input.focus();
  }
  else {
    const card = target.closest(".private");
    privates.set(at, (privates.get(at) ?? []).filter((node) => node !== card));
    card.remove();
    box.focus();
  }
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("#dialog form")) return;
  event.preventDefault();
  submit(event.target);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && unfolded("menu")) { unfold("menu", false); $("menu").focus(); }
});
for (const id of ["menu", "moves"]) $(id).addEventListener("click", () => unfold(id, !unfolded(id)));
$("newer").addEventListener("click", () => { $("newer").hidden = true; toEnd(); });
$("scroll").addEventListener("scroll", () => { if (nearEnd()) $("newer").hidden = true; }, { passive: true });
// With arrow keys each person passed is a change: whoever uses keys says so by Enter, or by leaving the list.
let byKeys = false;
$("as").addEventListener("keydown", (event) => {
  if (event.key === "Enter") actAs();
  byKeys = event.key !== "Enter" && event.key !== "Tab";
});
$("as").addEventListener("pointerdown", () => { byKeys = false; });
$("as").addEventListener("change", () => { if (!byKeys) actAs(); });
$("as").addEventListener("blur", actAs);

async function actAs() {
  const person = $("as").value;
  if (person === me) return;
  const answer = await post("/page/act-as", { person });
  if (answer.kind !== "done") { $("as").value = me; notice(answer.text); return; }
  sessionStorage.setItem("acting", "yes");
  location.href = `/?${new URLSearchParams({ as: person, at: at.startsWith("dm:") ? "home" : at })}`;
}
if (sessionStorage.getItem("acting")) { sessionStorage.removeItem("acting"); $("as").focus(); }
$("language").addEventListener("click", async (event) => {
  const answer = await post("/page/language", { language: event.currentTarget.dataset.language });
  if (answer.kind === "done") location.reload(); else notice(answer.text);
});

function hint(open) {
  $("hint").hidden = !open;
  localStorage.setItem("smbot-hint", open ? "open" : "gone");
}
$("hint").hidden = localStorage.getItem("smbot-hint") === "gone";
$("hint-gone").addEventListener("click", () => { hint(false); box.focus(); });
$("hint-again").addEventListener("click", () => { unfold("menu", false); hint(true); $("scroll").scrollTop = 0; });

const events = new EventSource(url("/page/events"));
events.addEventListener("open", () => refreshSoon());
events.addEventListener("error", () => refreshSoon(2000));
events.addEventListener("message", (event) => {
  const news = JSON.parse(event.data);
  if (news.what === "post") {
    const link = document.querySelector(`[data-at="${CSS.escape(news.channel)}"] .entry-name`);
    announce(say.sayNew.replace("{where}", link?.textContent.trim() ?? "").replace("{title}", news.title));
  }
  refreshSoon();
});
setInterval(refresh, 20000);
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
refresh();

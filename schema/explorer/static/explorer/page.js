/* The page around GraphiQL: choosing an example fills the editors, an answer fills the next one. */
"use strict";

(() => {
  const { endpoint, examples } = JSON.parse(
    document.getElementById("explorer-config").textContent,
  );
  const MEMORY = "explorer";
  const element = (id) => document.getElementById(id);

  // For as long as the tab is open: tokens must not outlive it on a shared machine.
  const remembered = JSON.parse(sessionStorage.getItem(MEMORY) ?? "{}");
  const state = { kept: {}, played: [], chosen: examples[0]?.name, ...remembered };
  let editors = null;
  let picture = null;

  function remember() {
    sessionStorage.setItem(MEMORY, JSON.stringify(state));
  }

  function chosen() {
    return examples.find((example) => example.name === state.chosen);
  }

  function titled(example) {
    return `${examples.indexOf(example) + 1} “${example.title}”`;
  }

  function giverOf(name) {
    return examples.find((example) => name in example.keeps);
  }

  // ── what the page shows ──────────────────────────────────────────────────────────────────

  function make(tag, attributes, ...children) {
    const made = Object.assign(document.createElement(tag), attributes);
    made.append(...children);
    return made;
  }

  function say(kind, ...parts) {
    const status = element("note-status");
    status.hidden = parts.length === 0;
    status.className = kind;
    status.replaceChildren(...parts);
  }

  function goTo(example) {
    const button = make("button", { type: "button", textContent: titled(example) });
    button.addEventListener("click", () => choose(example));
    return button;
  }

  function showList() {
    for (const button of document.querySelectorAll("[data-example]")) {
      const name = button.dataset.example;
      const played = state.played.includes(name);
      button.classList.toggle("played", played);
      button.querySelector(".step").textContent = played
        ? "✓"
        : examples.findIndex((example) => example.name === name) + 1;
      if (name === state.chosen) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
    }
    const count = examples.filter((example) => state.played.includes(example.name)).length;
    element("progress").textContent = examples.length ? `${count} of ${examples.length} played` : "";
  }

  function showKept() {
    const names = Object.keys(state.kept);
    element("kept-empty").hidden = names.length > 0;
    element("forget").hidden = names.length === 0;
    element("kept").replaceChildren(
      ...names.map((name) => {
        const value = state.kept[name];
        const text = typeof value === "string" ? value : JSON.stringify(value);
        return make("div", {}, make("dt", {}, name), make("dd", { title: text }, text));
      }),
    );
  }

  function showSteps() {
    const index = examples.indexOf(chosen());
    const next = examples[index + 1];
    element("previous").disabled = index <= 0;
    element("next").disabled = index < 0 || !next;
    element("next").classList.toggle("ready", state.played.includes(state.chosen));
    element("next").textContent = next ? `Next: ${next.title}` : "Next";
  }

  function showNote(example) {
    element("note-title").textContent = example.title;
    element("note-summary").textContent = example.summary;
    const here = example.needs.filter((name) => name in state.kept);
    element("note-filled").replaceChildren(
      ...here.map((name) => {
        const place = name === example.token ? "header" : "variables";
        return make("li", {}, make("code", {}, name), ` filled into the ${place}`);
      }),
    );
  }

  function showMissing(names) {
    const lines = names.map((name) => {
      const giver = giverOf(name);
      const needed = make("code", {}, name);
      return giver
        ? make("span", { className: "hint" }, needed, " comes from ", goTo(giver), " – play it first. ")
        : make("span", { className: "hint" }, needed, " comes from no example: write it yourself. ");
    });
    say("waiting", ...lines);
  }

  function show() {
    showList();
    showKept();
    showSteps();
  }

  // ── a picture to send ────────────────────────────────────────────────────────────────────

  /** A mug of any colour: no product takes a picture twice. */
  function drawn() {
    const canvas = make("canvas", { width: 800, height: 800 });
    const pen = canvas.getContext("2d");
    const hue = Math.random() * 360;
    pen.fillStyle = `hsl(${hue + 180} 30% 92%)`;
    pen.fillRect(0, 0, 800, 800);
    pen.strokeStyle = pen.fillStyle = `hsl(${hue} 55% 45%)`;
    pen.lineWidth = 44;
    pen.fillRect(230, 240, 280, 360);
    pen.strokeRect(510, 320, 90, 180);
    const [, text] = canvas.toDataURL("image/png").split(",");
    const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
    return new Blob([bytes], { type: "image/png" });
  }

  /** Send the picture as any page would; what went wrong, or an empty text. */
  async function sendPicture(form) {
    const body = new FormData();
    for (const { name, value } of form.fields) body.append(name, value);
    body.append("file", picture, "mug.png");
    try {
      const response = await fetch(form.url, { method: "POST", credentials: "omit", body });
      return response.ok ? "" : `The picture was not taken: HTTP ${response.status}.`;
    } catch (error) {
      return `The picture could not be sent: ${error.message}`;
    }
  }

  // ── choosing an example ──────────────────────────────────────────────────────────────────

  function pretty(value) {
    return Object.keys(value).length ? JSON.stringify(value, null, 2) : "";
  }

  function openTool(name) {
    const tools = document.querySelector(".graphiql-editor-tools");
    const button = tools?.querySelector(`button[data-name="${name}"]`);
    if (button && !button.classList.contains("active")) button.click();
  }

  function choose(example) {
    state.chosen = example.name;
    remember();
    showNote(example);
    say("");
    show();
    document
      .querySelector(`[data-example="${CSS.escape(example.name)}"]`)
      .scrollIntoView({ block: "nearest", inline: "center" });
    const waitsFor = Chain.missing(example, state.kept);
    if (waitsFor.length) showMissing(waitsFor);
    if (!editors) return;
    if (example.sends) picture = drawn();
    const values = picture ? { pictureSize: picture.size, ...state.kept } : state.kept;
    const variables = pretty(Chain.filled(example, values));
    const headers = pretty(Chain.headers(example, state.kept));
    editors.queryEditor.setValue(example.document);
    // GraphiQL reads the name a moment after the text has changed; play may be pressed sooner.
    editors.queryEditor.operationName = example.operation;
    editors.variableEditor.setValue(variables);
    editors.headerEditor.setValue(headers);
    editors.responseEditor.setValue("");
    openTool(headers && !variables ? "headers" : "variables");
  }

  function step(by) {
    const example = examples[examples.indexOf(chosen()) + by];
    if (example) choose(example);
  }

  function forget() {
    Object.assign(state, { kept: {}, played: [] });
    if (chosen()) choose(chosen());
    else remember();
    show();
  }

  // ── playing it ───────────────────────────────────────────────────────────────────────────

  async function send(body, headers) {
    try {
      const response = await fetch(endpoint, {
        method: "POST",
        // The header alone signs in; the admin's cookie has no say here.
        credentials: "omit",
        headers: { ...headers, "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify(body),
      });
      const text = await response.text();
      try {
        return JSON.parse(text);
      } catch {
        return { errors: [{ message: `HTTP ${response.status}: ${text.slice(0, 500)}` }] };
      }
    } catch (error) {
      return { errors: [{ message: `The shop did not answer: ${error.message}` }] };
    }
  }

  function learn(example, answer, trouble) {
    const refusals = Chain.refusals(answer);
    if (refusals.length) {
      const again = answer.errors?.some((error) => error.extensions?.code === "UNAUTHENTICATED");
      const giver = again && example.token ? giverOf(example.token) : undefined;
      const parts = [`Nothing kept. ${refusals.join(" · ")}`];
      if (giver) parts.push(" The token may have run out: play ", goTo(giver), " again.");
      return say("refused", ...parts);
    }
    if (trouble) return say("refused", trouble);
    state.kept = Chain.keep(example, answer, state.kept);
    state.played = [...new Set([...state.played, example.name])];
    remember();
    show();
    const found = Chain.keep(example, answer, {});
    const lost = Object.keys(example.keeps).filter((name) => !(name in found));
    const kept = Object.keys(found);
    const parts = [kept.length ? `Played. Kept: ${kept.join(", ")}.` : "Played."];
    if (example.sends) parts.push(" The picture was sent.");
    if (lost.length) parts.push(` Not in this answer: ${lost.join(", ")}.`);
    say(lost.length ? "waiting" : "done", ...parts);
  }

  /** The operation to run: GraphiQL knows a new text's name only a moment after it was typed. */
  function named(query, operationName) {
    const names = [...query.matchAll(/\b(?:query|mutation)\s+(\w+)/g)].map((found) => found[1]);
    return names.length === 1 ? names[0] : operationName;
  }

  async function fetcher(request, { headers = {} } = {}) {
    const { query, variables } = request;
    const operationName = named(query, request.operationName);
    if (operationName === "IntrospectionQuery") return send({ query, operationName }, {});
    const unfilled = Chain.unfilled(JSON.stringify({ variables, headers }));
    if (unfilled.length) {
      showMissing(unfilled);
      return { errors: [{ message: `Not sent: ${unfilled.join(", ")} must be filled in first.` }] };
    }
    const example = examples.find((one) => one.operation === operationName);
    const answer = await send({ query, operationName, variables }, headers);
    const form = example ? Chain.form(example, answer) : null;
    const trouble = form?.url ? await sendPicture(form) : "";
    if (example) learn(example, answer, trouble);
    return answer;
  }

  // ── GraphiQL ─────────────────────────────────────────────────────────────────────────────

  /** Sits where GraphiQL has its logo, and hands out its editors once they stand. */
  function Editors() {
    const found = GraphiQL.React.useEditorContext({ nonNull: true });
    const { queryEditor, variableEditor, headerEditor, responseEditor } = found;
    React.useEffect(() => {
      if (editors || !(queryEditor && variableEditor && headerEditor && responseEditor)) return;
      editors = { queryEditor, variableEditor, headerEditor, responseEditor };
      if (chosen()) choose(chosen());
      document.documentElement.dataset.ready = "";
    });
    return null;
  }

  // Shown first: two thirds for the operation, one for its variables.
  const UI_DEFAULTS = { "graphiql:secondaryEditorFlex": "1.6" };
  for (const [name, value] of Object.entries(UI_DEFAULTS)) {
    if (sessionStorage.getItem(name) === null) sessionStorage.setItem(name, value);
  }

  const h = React.createElement;
  ReactDOM.createRoot(element("graphiql")).render(
    h(
      GraphiQL,
      {
        fetcher,
        storage: sessionStorage,
        shouldPersistHeaders: false,
        defaultEditorToolsVisibility: true,
        defaultQuery: "",
      },
      h(GraphiQL.Logo, null, h(Editors)),
    ),
  );

  for (const button of document.querySelectorAll("[data-example]")) {
    button.addEventListener("click", () =>
      choose(examples.find((example) => example.name === button.dataset.example)),
    );
  }
  element("previous").addEventListener("click", () => step(-1));
  element("next").addEventListener("click", () => step(1));
  element("forget").addEventListener("click", forget);
  const accounts = document.querySelector(".accounts");
  const closeAccounts = () => accounts?.removeAttribute("open");
  document.addEventListener("click", (event) => accounts?.contains(event.target) || closeAccounts());
  document.addEventListener("keydown", (event) => event.key === "Escape" && closeAccounts());
  if (chosen()) showNote(chosen());
  show();
})();

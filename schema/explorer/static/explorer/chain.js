/* The chain in which the examples are played: the same rules as in examples.py. Pure functions. */
"use strict";

const Chain = (() => {
  const PLACEHOLDER = /\{\{(\w+)\}\}/g;
  const WHOLE = /^\{\{(\w+)\}\}$/;

  const has = (values, name) => Object.hasOwn(values, name);

  function fresh() {
    const bytes = crypto.getRandomValues(new Uint8Array(4));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  function text(value) {
    return typeof value === "string" ? value : JSON.stringify(value);
  }

  function fill(value, values) {
    if (Array.isArray(value)) return value.map((inner) => fill(inner, values));
    if (value !== null && typeof value === "object") {
      return Object.fromEntries(
        Object.entries(value).map(([name, inner]) => [name, fill(inner, values)]),
      );
    }
    if (typeof value !== "string") return value;
    const whole = WHOLE.exec(value);
    if (whole && has(values, whole[1])) return values[whole[1]];
    return value.replace(PLACEHOLDER, (found, name) =>
      has(values, name) ? text(values[name]) : found,
    );
  }

  function at(data, path) {
    for (const step of path.split(".")) {
      const reachable = Array.isArray(data)
        ? /^\d+$/.test(step)
        : data !== null && typeof data === "object";
      if (!reachable || !has(data, step)) return null;
      data = data[step];
    }
    return data;
  }

  /** Names of the kept values that the example waits for. */
  function missing(example, kept) {
    return example.needs.filter((name) => !has(kept, name));
  }

  /** The variables with the kept values in place; a placeholder without one stays. */
  function filled(example, kept) {
    return fill(example.variables, { fresh: fresh(), origin: location.origin, ...kept });
  }

  /** The header that signs the request. */
  function headers(example, kept) {
    return example.token === null
      ? {}
      : { Authorization: `Bearer ${text(fill(`{{${example.token}}}`, kept))}` };
  }

  /** What went wrong, as sentences with their codes; empty when nothing did. */
  function refusals(answer) {
    const payloads = Object.values(answer.data ?? {});
    const errors = [...(answer.errors ?? []), ...payloads.flatMap((one) => one?.errors ?? [])];
    return errors.map((error) => {
      const code = error.extensions?.code ?? error.code;
      return code ? `${code}: ${error.message}` : error.message;
    });
  }

  /** What is kept after the answer; a refused one keeps nothing new. */
  function keep(example, answer, kept) {
    if (refusals(answer).length > 0) return { ...kept };
    const found = Object.entries(example.keeps)
      .map(([name, path]) => [name, at(answer.data, path)])
      .filter(([, value]) => value !== null);
    return { ...kept, ...Object.fromEntries(found) };
  }

  /** Placeholders that are still in a text, each once. */
  function unfilled(written) {
    return [...new Set(Array.from(written.matchAll(PLACEHOLDER), (found) => found[1]))];
  }

  /** The form to send a picture by, out of the answer; null where the example has none. */
  function form(example, answer) {
    return example.sends ? at(answer.data, example.sends) : null;
  }

  return { missing, filled, headers, refusals, keep, unfilled, form };
})();

// From an OpenAPI document to src/schema.d.ts and src/operations.ts.
// `--check` writes nothing and fails if a file is not what the document says.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const MADE = "// Made by `make clients` from the contract. Do not edit.\n";
const here = new URL("..", import.meta.url);
const [source, mode] = process.argv.slice(2);
const document = JSON.parse(await readFile(source, "utf8"));

const types = astToString(
  // What has a default may be left out of a request.
  await openapiTS(document, { defaultNonNullable: false, alphabetize: true, silent: true }),
);

/** How often a call may be sent: freely, under one key, or once. */
function effect(operation) {
  if (operation["x-effect"] !== "once") return "repeatable";
  const keyed = (operation.parameters ?? []).some((one) => one.name === "Idempotency-Key");
  return keyed ? "keyed" : "once";
}

const all = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    route: `${method.toUpperCase()} ${path}`,
    // The gateway's name has no underscore.
    id: operation.operationId.replace("_", "."),
    effect: effect(operation),
    event: Object.values(operation.responses["200"].content ?? {})[0]?.["x-event"]?.$ref,
  })),
);
const codes = Object.values(document.components.responses).flatMap((response) =>
  [...response.description.matchAll(/`(\w+)`/g)].map(([, code]) => code),
);

/** Lines of an object's or a union's members, in order. */
function sorted(lines) {
  return [...new Set(lines)].sort().join("");
}

const operations = `${MADE}import type { components } from "./schema.js";

export type Effect = "repeatable" | "keyed" | "once";

export const OPERATIONS: Readonly<Record<string, Effect>> = {
${sorted(all.map(({ route, effect }) => `  "${route}": "${effect}",\n`))}};

export const EFFECTS: Readonly<Record<string, Effect>> = {
${sorted(all.map(({ id, effect }) => `  "${id}": "${effect}",\n`))}};

/** The streams, and what each event is. */
export interface StreamEvents {
${sorted(all.filter(({ event }) => event).map(({ id, event }) => `  "${id}": components["schemas"]["${event.split("/").pop()}"];\n`))}}

/** docs/errors.md explains each. */
export type ErrorCode =
${sorted(codes.map((code) => `  | "${code}"\n`)).trimEnd()};
`;

let stale = false;
for (const [name, text] of [
  ["src/schema.d.ts", MADE + types],
  ["src/operations.ts", operations],
]) {
  const path = new URL(name, here);
  const found = await readFile(path, "utf8").catch(() => "");
  if (found === text) continue;
  stale = true;
  if (mode === "--check") console.error(`clients/typescript/${name} is not up to date: run \`make clients\``);
  else await writeFile(path, text);
}
process.exitCode = stale && mode === "--check" ? 1 : 0;

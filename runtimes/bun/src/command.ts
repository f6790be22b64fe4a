// What the program is told, by its command line and by the environment, read strictly.

import { PLANTS, type Plant } from "./plants.ts";

export const GO = "GO_LAKEHOUSE_URL";
export const RUST = "RUST_LAKEHOUSE_URL";
const USAGE = "it is started as front --port N [--timeout SECONDS]";
const LONGEST_TIMEOUT = 3600; // seconds

/** Where a gateway is. */
export type Address = { readonly host: string; readonly hostname: string; readonly port: number };

export type Settings = {
  readonly port: number;
  readonly timeout: number; // milliseconds
  readonly go: Address | undefined;
  readonly rust: Address | undefined;
  readonly commit: string;
  readonly plant: Plant | undefined;
};

/** What the program is told means nothing. The message is a sentence for a person. */
export class UsageError extends Error {}

type Environment = Readonly<Record<string, string | undefined>>;

/** Read it all. Throws UsageError. */
export function read(options: readonly string[], environment: Environment): Settings {
  let port: number | undefined;
  let timeout = 60;
  for (let at = 0; at < options.length; at += 2) {
    const [option, value] = [options[at]!, options[at + 1]];
    if (option !== "--port" && option !== "--timeout") throw new UsageError(`${quoted(option)} means nothing; ${USAGE}`);
    if (value === undefined) throw new UsageError(`${option} has no value; ${USAGE}`);
    if (option === "--port") port = whole(option, value, 65535);
    else timeout = whole(option, value, LONGEST_TIMEOUT);
  }
  if (port === undefined) throw new UsageError(`no port is given; ${USAGE}`);
  return {
    port,
    timeout: timeout * 1000,
    go: address(GO, environment[GO]),
    rust: address(RUST, environment[RUST]),
    commit: environment["LAKEHOUSE_COMMIT"] || "unknown",
    plant: planted(environment["LAKEHOUSE_PLANT"]),
  };
}

function whole(option: string, value: string, most: number): number {
  const number = /^[0-9]{1,5}$/.test(value) ? Number(value) : 0;
  if (number < 1 || number > most) throw new UsageError(`${option} is a number from 1 to ${most}, not ${quoted(value)}`);
  return number;
}

// By hand, since URL would put right what is not understood: http:host, or a port with zeros in front.
function address(variable: string, value: string | undefined): Address | undefined {
  if (!value) return undefined;
  const found = /^http:\/\/([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::([1-9][0-9]{0,4}))?$/.exec(value);
  const port = Number(found?.[2] ?? 80);
  if (!found || port > 65535) throw new UsageError(`${variable} is http://host[:port] and nothing behind, not ${quoted(value)}`);
  return { host: value.slice("http://".length), hostname: found[1]!.replace(/[[\]]/g, ""), port };
}

function planted(name: string | undefined): Plant | undefined {
  if (!name) return undefined;
  const found = PLANTS.find((plant) => plant === name);
  if (found) return found;
  throw new UsageError(`LAKEHOUSE_PLANT: no plant is called ${quoted(name)}; known: ${PLANTS.join(", ")}`);
}

/** Return a text that fits on one line, whatever it holds. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}...` : text);
}

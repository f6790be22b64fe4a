// One gateway behind the front: its address, and the connections to it that are kept.

import { Agent } from "node:http";
import type { Address } from "./command.ts";

// A connection that rested for as long is not used again. Servers close theirs after five seconds at the earliest
// (uvicorn), and what was sent just then would be lost: no request is sent twice.
const LONGEST_REST = 4000; // milliseconds
const MOST_AT_REST = 256;

export class Gateway {
  readonly agent = new Agent({ keepAlive: true, maxFreeSockets: MOST_AT_REST, scheduling: "lifo", timeout: LONGEST_REST });

  /** `variable` is the one that sets it up, and its name wherever people are told of it. */
  constructor(
    readonly variable: string,
    readonly address: Address,
  ) {}
}

// What the front answers of itself, in place of a gateway.

import type { ServerResponse } from "node:http";

export const NOT_FOUND = { status: 404, error: "not-found" } as const;
export const CLIENT_SILENT = { status: 408, error: "client-silent" } as const;
export const TOO_LARGE = { status: 413, error: "body-too-large" } as const;
export const UNKNOWN_CODING = { status: 501, error: "unknown-transfer-coding" } as const;
export const NO_ANSWER = { status: 502, error: "no-answer" } as const;
export const NOT_SET = { status: 503, error: "not-set" } as const;
export const SILENT = { status: 504, error: "gateway-silent" } as const;

export type Refusal =
  | typeof NOT_FOUND
  | typeof CLIENT_SILENT
  | typeof TOO_LARGE
  | typeof UNKNOWN_CODING
  | typeof NO_ANSWER
  | typeof NOT_SET
  | typeof SILENT;

/** Refuse a request, with a sentence for a person. */
export function refuse(back: ServerResponse, refusal: Refusal, reason: string): void {
  answer(back, refusal.status, { error: refusal.error, reason });
}

/** Answer with JSON. */
export function answer(back: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  back.writeHead(status, { "content-type": "application/json", "content-length": body.length });
  back.end(body);
}

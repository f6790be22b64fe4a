// The planted bugs, which the tests have to find. What each one does wrong is said in front.md.

import { endToEnd } from "./headers.ts";

export const PLANTS = ["content-type-lost", "path-normalised", "status-flattened"] as const;
export type Plant = (typeof PLANTS)[number];

const CONTENT_TYPE: ReadonlySet<string> = new Set(["content-type"]);

/** The target as it is asked for: cleaned, as fetch() would clean it. */
export function plantedTarget(plant: Plant | undefined, target: string): string {
  if (plant !== "path-normalised" || !target.includes("/.")) return target;
  const url = new URL(`http://host${target}`);
  return url.pathname + url.search;
}

/** The status of an answer: all that the client is to blame for is 400. */
export function plantedStatus(plant: Plant | undefined, status: number): number {
  return plant === "status-flattened" && status === 422 ? 400 : status;
}

/** The headers of an answer: a refusal has lost its type. */
export function plantedHeaders(plant: Plant | undefined, status: number, headers: string[]): string[] {
  return plant === "content-type-lost" && status >= 400 ? endToEnd(headers, CONTENT_TYPE) : headers;
}

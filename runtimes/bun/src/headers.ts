// Which headers go on to the other side (RFC 9110, 7.6.1), and which are about one connection alone.

/** Headers as they came: name, value, name, value, in their order, repetitions and letters. */
export type RawHeaders = readonly string[];

const ONE_CONNECTION = new Set(["connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"]);

// What says how long a body is, and whom a request is for, is never about one connection: who names it in
// Connection would have the two sides see different bodies.
const NEVER_NAMED = new Set(["content-length", "host"]);

/** Return the headers that go on, untouched and in their order; of `without`, which are in small letters, none. */
export function endToEnd(headers: RawHeaders, without?: ReadonlySet<string>): string[] {
  const named = namedByConnection(headers);
  const kept: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at]!;
    const key = name.toLowerCase();
    if (ONE_CONNECTION.has(key) || key.startsWith("proxy-") || named?.has(key) || without?.has(key)) continue;
    kept.push(name, headers[at + 1]!);
  }
  return kept;
}

/** Return the first value of a header, whose name is in small letters. */
export function first(headers: RawHeaders, name: string): string | undefined {
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at]!.toLowerCase() === name) return headers[at + 1];
  }
  return undefined;
}

function namedByConnection(headers: RawHeaders): Set<string> | undefined {
  let named: Set<string> | undefined;
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at]!.toLowerCase() !== "connection") continue;
    for (const option of headers[at + 1]!.split(",")) {
      const name = option.trim().toLowerCase();
      if (!NEVER_NAMED.has(name)) (named ??= new Set()).add(name);
    }
  }
  return named;
}

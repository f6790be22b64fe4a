import { expect, test } from "bun:test";
import { endToEnd, first } from "./headers.ts";

test("headers go on in their order, with their letters and repetitions", () => {
  const headers = ["X-A", "1", "content-TYPE", "a/b", "x-a", "2", "Set-Cookie", "a", "Set-Cookie", "b"];
  expect(endToEnd(headers)).toEqual(headers);
});

test("what is about one connection stays there", () => {
  const one = ["Keep-Alive", "Proxy-Authorization", "proxy-x", "TE", "Trailer", "Transfer-Encoding", "Upgrade"];
  expect(endToEnd(["X", "1", ...one.flatMap((name) => [name, "x"]), "Connection", "close"])).toEqual(["X", "1"]);
});

test("Connection names further ones, but never what a body's length depends on", () => {
  const headers = ["Connection", "X-One , x-two", "x-one", "1", "X-TWO", "2", "X-Three", "3", "X-One", "4"];
  expect(endToEnd(headers)).toEqual(["X-Three", "3"]);
  const framing = ["Content-Length", "5", "Host", "h"];
  expect(endToEnd([...framing, "connection", "content-length,,HOST"])).toEqual(framing);
});

test("some are left out by name", () => {
  expect(endToEnd(["HOST", "a", "X", "1"], new Set(["host"]))).toEqual(["X", "1"]);
});

test("the first of a name", () => {
  expect(first(["A", "1", "b", "2", "B", "3"], "b")).toBe("2");
  expect(first(["A", "b"], "b")).toBeUndefined();
});

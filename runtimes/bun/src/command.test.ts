import { expect, test } from "bun:test";
import { read, UsageError } from "./command.ts";

const PORT = ["--port", "3700"];

test("what is not told has its default", () => {
  const plain = { port: 3700, timeout: 60_000, go: undefined, rust: undefined, commit: "unknown", plant: undefined };
  expect(read(PORT, {})).toEqual(plain);
  expect(read(PORT, { GO_LAKEHOUSE_URL: "", RUST_LAKEHOUSE_URL: "", LAKEHOUSE_COMMIT: "", LAKEHOUSE_PLANT: "" })).toEqual(plain);
});

test("options come in any order", () => {
  expect(read(["--timeout", "5", ...PORT], {})).toMatchObject({ port: 3700, timeout: 5000 });
});

test.each([
  ["http://127.0.0.1:4110", "127.0.0.1:4110", "127.0.0.1", 4110],
  ["http://gateway.example", "gateway.example", "gateway.example", 80],
  ["http://[::1]:3100", "[::1]:3100", "::1", 3100],
])("a gateway is %s", (url, host, hostname, port) => {
  expect(read(PORT, { GO_LAKEHOUSE_URL: url }).go).toEqual({ host, hostname, port });
  expect(read(PORT, { RUST_LAKEHOUSE_URL: url }).rust).toEqual({ host, hostname, port });
});

test.each(["x", "http://", "http://h/", "https://h", "http://h:0", "http://h:65536", "http://h:1?x", "http://u@h", "http://h\n"])(
  "a gateway is not %j",
  (url) => expect(() => read(PORT, { GO_LAKEHOUSE_URL: url })).toThrow(UsageError),
);

test.each([[[]], [["--port"]], [["--port", "0"]], [["--port", "65536"]], [["--port", "+1"]], [["x"]], [[...PORT, "x"]]])(
  "a command line is not %j",
  (options) => expect(() => read(options, {})).toThrow(UsageError),
);

test("a plant is known, or the sentence says which are", () => {
  expect(read(PORT, { LAKEHOUSE_PLANT: "status-flattened" }).plant).toBe("status-flattened");
  expect(() => read(PORT, { LAKEHOUSE_PLANT: "x\ny" })).toThrow(/^LAKEHOUSE_PLANT: no plant is called "x\\ny"; known: content-type-lost, path/);
});

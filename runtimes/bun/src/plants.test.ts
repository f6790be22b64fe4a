import { expect, test } from "bun:test";
import { PLANTS, plantedHeaders, plantedStatus, plantedTarget } from "./plants.ts";

const HEADERS = ["Content-Type", "a/b", "X", "1"];

test("nothing planted changes nothing", () => {
  expect(plantedTarget(undefined, "/a/../b?c")).toBe("/a/../b?c");
  expect(plantedStatus(undefined, 422)).toBe(422);
  expect(plantedHeaders(undefined, 422, HEADERS)).toEqual(HEADERS);
});

test("each plant does what it says, and nothing else", () => {
  const seen = PLANTS.map((plant) => [
    plantedTarget(plant, "/a/../b?c"),
    plantedTarget(plant, "/a//b?c=../d"),
    plantedStatus(plant, 422),
    plantedStatus(plant, 404),
    plantedHeaders(plant, 404, HEADERS),
    plantedHeaders(plant, 200, HEADERS),
  ]);
  expect(seen).toEqual([
    ["/a/../b?c", "/a//b?c=../d", 422, 404, ["X", "1"], HEADERS],
    ["/b?c", "/a//b?c=../d", 422, 404, HEADERS, HEADERS],
    ["/a/../b?c", "/a//b?c=../d", 400, 404, HEADERS, HEADERS],
  ]);
});

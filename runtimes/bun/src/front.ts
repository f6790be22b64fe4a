// The front: which path goes where.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { answer, NOT_FOUND, NOT_SET, refuse } from "./answers.ts";
import { GO, RUST, type Settings } from "./command.ts";
import { Gateway } from "./gateway.ts";
import { PLANTS, plantedTarget } from "./plants.ts";
import { relay } from "./relay.ts";

/** Where requests below a prefix go. The gateway gets their targets without it. */
type Route = { readonly prefix: string; readonly variable: string; readonly gateway: Gateway | undefined };

const LONGEST_REST = 75_000; // milliseconds that a connection of a client is kept without a request

/** Return the front, which listens to nobody yet. `log` takes a line for each request that fails behind it. */
export function front(settings: Settings, log: (line: string) => void): Server {
  const { go, rust } = settings;
  const routes: Route[] = [
    { prefix: "/_go", variable: GO, gateway: go && new Gateway(GO, go) },
    { prefix: "/api", variable: RUST, gateway: rust && new Gateway(RUST, rust) },
  ];
  const health = {
    status: "ok",
    service: "front",
    runtime: "bun",
    version: "0.1.0",
    commit: settings.commit,
    surfaces: [],
    plants: PLANTS,
    planted: settings.plant ?? null,
    upstreams: { go: go !== undefined, rust: rust !== undefined },
  };

  const handle = (client: IncomingMessage, back: ServerResponse): void => {
    const target = client.url!;
    const route = routes.find(({ prefix }) => target.startsWith(`${prefix}/`));
    if (route?.gateway) {
      relay(client, back, route.gateway, plantedTarget(settings.plant, target.slice(route.prefix.length)), { ...settings, log });
    } else if (route) {
      refuse(back, NOT_SET, `${route.variable} is not set`);
    } else if (client.method === "GET" && target.split("?", 1)[0] === "/health") {
      answer(back, 200, health);
    } else {
      refuse(back, NOT_FOUND, "there is /health, and what is below /_go/ and /api/");
    }
  };

  const server = createServer({ keepAliveTimeout: LONGEST_REST }, handle);
  // A gateway says itself whether the client should go on; others are told at once, by default.
  server.on("checkContinue", handle);
  return server;
}

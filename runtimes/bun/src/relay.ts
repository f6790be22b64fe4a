// One request on its way to a gateway, and the answer on its way back.
//
// node:http, and not Bun.serve with fetch(): those two clean paths (/a/../b, /%2e%2e) before anybody sees them, join
// repeated headers, drop the body of a GET, and add headers that nobody sent. node:http hands out target and headers
// as they came, and takes no longer.

import { type ClientRequest, type IncomingMessage, request as ask, type ServerResponse } from "node:http";
import { CLIENT_SILENT, NO_ANSWER, type Refusal, refuse, SILENT, TOO_LARGE, UNKNOWN_CODING } from "./answers.ts";
import type { Gateway } from "./gateway.ts";
import { endToEnd, first } from "./headers.ts";
import { type Plant, plantedHeaders, plantedStatus } from "./plants.ts";

/** The largest body of a request, in bytes. */
export const LARGEST_BODY = 64 << 20;

// An answer of up to as many bytes is had whole before its head goes out, so that one that breaks off is a clean 502.
const HELD = 64 << 10;

const HOST: ReadonlySet<string> = new Set(["host"]);
const WITHOUT_BODY: ReadonlySet<string> = new Set(["GET", "HEAD", "DELETE", "OPTIONS", "TRACE"]);

export type Options = {
  readonly timeout: number; // milliseconds
  readonly plant: Plant | undefined;
  readonly log: (line: string) => void;
};

/** Ask a gateway for a target, and answer what it answers. */
export function relay(client: IncomingMessage, back: ServerResponse, gateway: Gateway, target: string, options: Options): void {
  const coding = client.headers["transfer-encoding"];
  const length = first(client.rawHeaders, "content-length");
  if (coding !== undefined && coding.toLowerCase() !== "chunked") {
    refuse(back, UNKNOWN_CODING, "the one transfer coding that is understood is chunked");
  } else if (Number(length ?? 0) > LARGEST_BODY) {
    refuse(back, TOO_LARGE, `a body has at most ${LARGEST_BODY} bytes`);
    client.resume(); // read and thrown away, so that the client sees this answer and no broken connection
  } else {
    const headers = ["Host", gateway.address.host, ...endToEnd(client.rawHeaders, HOST), "Connection", "keep-alive"];
    if (coding !== undefined) headers.push("Transfer-Encoding", "chunked");
    else if (length === undefined && !WITHOUT_BODY.has(client.method!)) headers.push("Content-Length", "0");
    new Relay(client, back, gateway, target, headers, options).run();
  }
}

class Relay {
  private readonly out: ClientRequest;
  private answer: IncomingMessage | undefined;
  private over = false;

  constructor(
    private readonly client: IncomingMessage,
    private readonly back: ServerResponse,
    private readonly gateway: Gateway,
    target: string,
    headers: string[],
    private readonly options: Options,
  ) {
    const { hostname, port } = gateway.address;
    this.out = ask({ agent: gateway.agent, hostname, port, method: client.method!, path: target, headers });
  }

  run(): void {
    const { out, back } = this;
    out.on("error", (error: NodeJS.ErrnoException) => this.fail(NO_ANSWER, `does not answer: ${error.code ?? error.message}`));
    out.on("continue", () => back.writeContinue());
    out.on("response", (answer) => this.pass(answer));
    out.on("upgrade", (_, socket) => {
      socket.destroy();
      this.fail(NO_ANSWER, "changes the protocol, unasked");
    });
    out.setTimeout(this.options.timeout, () => this.silence());
    // A client that leaves takes its request along.
    back.on("close", () => {
      if (!this.over) this.end();
    });
    this.send();
  }

  /** Pass the request's body on, as fast as the gateway takes it. */
  private send(): void {
    const { client, out } = this;
    let taken = 0;
    client.on("data", (bytes: Buffer) => {
      if (this.over) return; // what is left behind a refusal
      taken += bytes.length;
      if (taken > LARGEST_BODY) {
        this.refuse(TOO_LARGE, `a body has at most ${LARGEST_BODY} bytes`);
      } else if (!out.write(bytes)) {
        client.pause();
        out.once("drain", () => client.resume());
      }
    });
    client.on("end", () => out.end());
  }

  /** Pass the answer on, as fast as the client takes it. */
  private pass(answer: IncomingMessage): void {
    const { back, client } = this;
    this.answer = answer;
    const brokeOff = () => this.fail(NO_ANSWER, "broke its answer off");
    answer.on("error", brokeOff);
    answer.on("aborted", brokeOff);
    const length = first(answer.rawHeaders, "content-length");
    const held: Buffer[] | undefined = client.method === "HEAD" || Number(length ?? Infinity) <= HELD ? [] : undefined;
    if (!held) {
      this.head(answer);
      back.flushHeaders(); // or else a client would see a whole and empty answer where nothing of the body comes
    }
    answer.on("data", (bytes: Buffer) => {
      if (held) {
        held.push(bytes);
      } else if (!back.write(bytes)) {
        answer.pause();
        back.once("drain", () => answer.resume());
      }
    });
    answer.on("end", () => {
      if (this.over || !answer.complete) return;
      this.over = true;
      if (held) this.head(answer);
      back.end(held && (held.length === 1 ? held[0] : Buffer.concat(held)));
      // Answered before the body had come whole: what is left of it goes nowhere.
      if (!client.complete) {
        this.out.destroy();
        client.resume();
      }
    });
  }

  private head(answer: IncomingMessage): void {
    const { back, options } = this;
    const status = answer.statusCode!;
    back.sendDate = false; // the gateway's own, or none
    back.writeHead(
      plantedStatus(options.plant, status),
      answer.statusMessage,
      plantedHeaders(options.plant, status, endToEnd(answer.rawHeaders)),
    );
  }

  /** Nothing moved for too long: find out who is waited for. */
  private silence(): void {
    const { answer, client, options } = this;
    const waited = `for ${options.timeout / 1000} s`;
    if (answer?.isPaused() || (!client.complete && !client.isPaused())) this.refuse(CLIENT_SILENT, `nothing came or went ${waited}`);
    else this.fail(SILENT, `said nothing ${waited}`);
  }

  /** The gateway failed. */
  private fail(refusal: Refusal, reason: string): void {
    if (this.over) return;
    const { client, gateway, options } = this;
    options.log(`${refusal.status} ${client.method} ${client.url!.slice(0, 200)}: ${gateway.variable} ${reason}`);
    this.refuse(refusal, `${gateway.variable} ${reason}`);
  }

  /** Answer with a refusal; where an answer has begun already, break it off, so that it does not look like a whole one. */
  private refuse(refusal: Refusal, reason: string): void {
    this.end();
    if (this.back.headersSent) {
      this.back.destroy();
    } else {
      refuse(this.back, refusal, reason);
      this.client.resume();
    }
  }

  private end(): void {
    this.over = true;
    this.out.destroy();
  }
}

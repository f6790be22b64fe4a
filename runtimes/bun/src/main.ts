// front --port N [--timeout SECONDS]: the public front end (fixtures/contract/front.md).

import { read, type Settings, UsageError } from "./command.ts";
import { front } from "./front.ts";

const DONE = 0;
const BAD_USAGE = 2;
const NO_PORT = 3;
const GRACE = 1000; // milliseconds for what is under way at the end

const say = (line: string): void => void process.stderr.write(`front: ${line}\n`);

function settings(): Settings {
  try {
    return read(process.argv.slice(2), process.env);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    say(error.message);
    process.exit(BAD_USAGE);
  }
}

const told = settings();
const server = front(told, say);

const end = (): void => {
  setTimeout(() => process.exit(DONE), GRACE);
  server.close(() => process.exit(DONE));
  server.closeIdleConnections();
};
// Before anybody can know that it runs, so that nobody can end it otherwise.
process.on("SIGTERM", end);
process.on("SIGINT", end);

server.on("error", (error: NodeJS.ErrnoException) => {
  say(`the port ${told.port} cannot be had: ${error.code ?? error.message}`);
  process.exit(NO_PORT);
});
server.listen({ host: "127.0.0.1", port: told.port, exclusive: true });

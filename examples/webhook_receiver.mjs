// A receiver of facegate's webhooks for Node 18 or newer; needs no package.
//
//     FACEGATE_SIGNING_KEY=the-same-as-in-the-channel node examples/webhook_receiver.mjs 8099

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const signingKey = process.env.FACEGATE_SIGNING_KEY;
const oldestSeconds = 300;
const seen = new Set();

// Over the body as it came: a parsed and re-written one is another text.
function isGenuine(signature, body) {
  const parts = Object.fromEntries(signature.split(",").map((part) => part.split("=")));
  if (!/^\d+$/.test(parts.t ?? "") || Math.abs(Date.now() / 1000 - Number(parts.t)) > oldestSeconds) return false;
  const expected = createHmac("sha256", signingKey).update(`${parts.t}.`).update(body).digest();
  const given = Buffer.from(parts.v1 ?? "", "hex");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

createServer((request, response) => {
  const pieces = [];
  request.on("data", (piece) => pieces.push(piece));
  request.on("end", () => {
    const body = Buffer.concat(pieces);
    if (!isGenuine(request.headers["x-facegate-signature"] ?? "", body)) {
      response.writeHead(401).end();
      return;
    }
    const delivery = request.headers["x-facegate-delivery"];
    if (!seen.has(delivery)) {
      seen.add(delivery);
      const alert = JSON.parse(body);
      console.log(`${alert.kind}: ${alert.title} (confidence ${alert.facts.confidence})`);
    }
    response.writeHead(204).end();
  });
}).listen(Number(process.argv[2] ?? 8099));

// Is a webhook from Carillon? Node.js, without packages. Express: verify(SECRET, req.headers, req.body), with express.raw().
import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";

// `secret` is whsec_…, `body` the bytes as they came. False: answer 401.
export function verify(secret, headers, body, now = Date.now() / 1000) {
  const { "webhook-id": id, "webhook-timestamp": timestamp } = headers;
  if (!(Math.abs(now - Number(timestamp)) <= 300)) return false; // an old one that somebody sends again
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const digest = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64");
  const own = Buffer.from(`v1,${digest}`);
  // Several while a secret is replaced: one that fits is enough.
  return headers["webhook-signature"].split(" ").map((one) => Buffer.from(one))
    .some((given) => given.length === own.length && timingSafeEqual(given, own));
}

if (process.argv[1] === import.meta.filename) { // secret id timestamp signatures now < body
  const [secret, id, timestamp, signatures, now] = process.argv.slice(2);
  const headers = { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures };
  process.exit(verify(secret, headers, readFileSync(0), Number(now)) ? 0 : 1);
}

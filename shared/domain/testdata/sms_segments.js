#!/usr/bin/env node
/*
 * Writes sms_segments.z: text messages of many kinds, and what Twilio's calculator makes of each.
 *
 * npm install sms-segments-calculator@1.3.0, then run this here. The texts are drawn by a seed.
 *
 * A line is an array of JSON: encoding (G or U), how many segments it takes, and the text.
 */

const fs = require("fs");
const path = require("path");
const zlib = require("zlib");
const { SegmentedMessage } = require("sms-segments-calculator");

const MESSAGES = 12000;

// A generator that draws the same everywhere (mulberry32).
let state = 20261130;
function draw() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const below = (n) => Math.floor(draw() * n);
const pick = (all) => all[below(all.length)];

const PLAIN = [..."abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789 .,!?"];
const GSM = [...PLAIN, ..."@£$¥èéùìòÇ\nØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ#¤%&'()*+-/:;<=>¡ÄÖÑÜ§¿äöñüà"];
const EXTENSION = [..."^{}\\[~]|€"];
const OTHER = [..."şğıİ“”‘’–—…ΆЖдшçÁÊ中文日本語ש؟`"];
const ASTRAL = ["😀", "🎉", "𝒳", "🚀", "𐍈"];
const INVISIBLE = ["\u200b", "\u00a0", "\u2009", "\ufeff", "\u00ad"];
const KINDS = [
  [PLAIN],
  [GSM],
  [GSM, GSM, EXTENSION],
  [EXTENSION],
  [PLAIN, PLAIN, OTHER],
  [OTHER],
  [PLAIN, ASTRAL],
  [ASTRAL],
  [GSM, EXTENSION, OTHER, ASTRAL, INVISIBLE],
];
// Lengths at which another segment begins, and any other.
const EDGES = [0, 1, 33, 35, 66, 67, 70, 76, 80, 134, 152, 153, 160, 201, 306, 459];

const out = [];
for (let n = 0; n < MESSAGES; n += 1) {
  const kind = pick(KINDS);
  const length = draw() < 0.6 ? Math.max(0, pick(EDGES) + below(5) - 2) : below(500);
  let text = "";
  // Runs of one character, so that the file stays small.
  for (let left = length; left > 0; ) {
    const run = Math.min(left, 1 + below(draw() < 0.5 ? 3 : 60));
    text += pick(pick(kind)).repeat(run);
    left -= run;
  }
  const message = new SegmentedMessage(text);
  const segments = text === "" ? 0 : message.segmentsCount;
  out.push(JSON.stringify([message.encodingName[0], segments, text]));
}
const packed = zlib.deflateSync(Buffer.from(out.join("\n"), "utf8"), { level: 9 });
fs.writeFileSync(path.join(__dirname, "sms_segments.z"), packed);

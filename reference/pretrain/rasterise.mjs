// Draws every picture source at 64x64 and writes, under data/:
//   <split>.rgba      premultiplied RGBA bytes, one 64x64x4 block a picture
//   <split>.jsonl     one line a picture: where it comes from and every name its source gives it
// The split `train` holds all sources but Fluent Emoji; `fluent` holds Fluent Emoji alone, which is never trained on.
//
// Usage: node rasterise.mjs [--openclipart data/deb/usr/share/openclipart/svg]

import { createWriteStream, existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import sharp from "sharp";

const SIZE = 64;
const require = createRequire(import.meta.url);
const here = new URL(".", import.meta.url).pathname;
const argument = process.argv.indexOf("--openclipart");
const openclipart =
  argument > 0 ? process.argv[argument + 1] : join(here, "data/deb/usr/share/openclipart/svg");

/** Emoji sets whose icon names, or `chars.json`, tell which emoji they draw. */
const EMOJI_SETS = [
  "noto",
  "twemoji",
  "emojione",
  "fxemoji",
  "noto-v1",
  "emojione-monotone",
  "streamline-emojis",
];
/** Sets of other pictures with descriptive names. */
const ICON_SETS = ["flat-color-icons", "game-icons"];

/** Folders of openclipart without describable pictures, or with many near-copies. */
const SKIPPED_FOLDERS =
  /shapes\/stars|shapes\/jigsaw|\/flags\/|games\/cards|special\/|signs_and_symbols\/led|computer\/buttons|unsorted\/duplicates|shapes\/flowchart/;

const EMOJIBASE = new Map(
  require("emojibase-data/en/data.json").map((entry) => [bareHex(entry.hexcode), entry]),
);

/** A hex code without the emoji presentation selector, so that spellings of one emoji agree. */
function bareHex(code) {
  return code
    .toUpperCase()
    .split("-")
    .filter((part) => part !== "FE0F")
    .join("-");
}

/** Skin tones, country and subdivision flags, and bare digits are left out. */
function isWanted(hex) {
  if (/1F3F[B-F]/.test(hex)) return false;
  if (/1F1[EF][0-9A-F]/.test(hex) || /E00[67][0-9A-F]/.test(hex)) return false;
  return !/^(0023|002A|003[0-9]|23|2A|3[0-9])$/.test(hex);
}

function loadSet(name) {
  const set = require(`@iconify-json/${name}/icons.json`);
  const chars = existsSync(join(here, `node_modules/@iconify-json/${name}/chars.json`))
    ? require(`@iconify-json/${name}/chars.json`)
    : {};
  const hexOf = new Map();
  for (const [hex, icon] of Object.entries(chars)) {
    if (!hexOf.has(icon)) hexOf.set(icon, bareHex(hex));
  }
  const aliases = new Map();
  for (const [alias, { parent, ...change }] of Object.entries(set.aliases ?? {})) {
    if (Object.keys(change).length > 0) continue;
    aliases.set(parent, [...(aliases.get(parent) ?? []), alias]);
    if (hexOf.has(alias) && !hexOf.has(parent)) hexOf.set(parent, hexOf.get(alias));
  }
  return { set, hexOf, aliases };
}

function svgOf(set, icon) {
  const { body, left = 0, top = 0, width = set.width, height = set.height } = icon;
  const box = [left, top, width ?? 16, height ?? 16].join(" ");
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${SIZE}" height="${SIZE}" viewBox="${box}">${body}</svg>`,
  );
}

const words = (name) => name.replaceAll(/[-_]+/g, " ").trim();

function* emojiRecords(names, sets) {
  for (const source of sets) {
    const { set, hexOf, aliases } = loadSet(source);
    for (const [icon, drawing] of Object.entries(set.icons)) {
      if (drawing.hidden) continue;
      const bare = source === "streamline-emojis" ? icon.replace(/-\d+$/, "") : icon;
      const hex = hexOf.get(icon) ?? names.get(words(bare)) ?? null;
      if (hex && !isWanted(hex)) continue;
      if (!hex && /skin-tone|^flag-|letter-|keycap|^\d+$/.test(bare)) continue;
      const entry = EMOJIBASE.get(hex);
      yield {
        svg: svgOf(set, drawing),
        record: {
          source,
          name: words(bare),
          hex,
          others: [...(aliases.get(icon) ?? []).map(words), ...(entry ? [entry.label] : [])],
          tags: entry?.tags ?? [],
        },
      };
    }
  }
}

/** Every name that any set with `chars.json` uses for an emoji. */
function emojiNames() {
  const names = new Map();
  for (const [hex, entry] of EMOJIBASE) names.set(entry.label.replaceAll(/[:-]+/g, " "), hex);
  for (const source of ["emojione", "noto", "twemoji", "noto-v1"]) {
    const { hexOf, aliases } = loadSet(source);
    for (const [icon, hex] of hexOf) {
      for (const name of [icon, ...(aliases.get(icon) ?? [])]) {
        if (!names.has(words(name))) names.set(words(name), hex);
      }
    }
  }
  return names;
}

function* iconRecords() {
  for (const source of ICON_SETS) {
    const { set } = loadSet(source);
    for (const [icon, drawing] of Object.entries(set.icons)) {
      if (drawing.hidden) continue;
      yield {
        svg: svgOf(set, drawing),
        record: { source, name: words(icon), hex: null, others: [], tags: [] },
      };
    }
  }
}

function* clipartRecords() {
  if (!existsSync(openclipart)) {
    console.warn(`no openclipart at ${openclipart}: going on without it`);
    return;
  }
  const files = readdirSync(openclipart, { recursive: true }).filter((f) => f.endsWith(".svg"));
  for (const file of files.sort()) {
    if (SKIPPED_FOLDERS.test(`/${file}`)) continue;
    const svg = readFileSync(join(openclipart, file));
    if (svg.length > 2_000_000) continue;
    const text = svg.toString("utf8");
    const title = /<metadata[\s\S]*?<dc:title>([^<]*)</.exec(text)?.[1] ?? "";
    const keywords = [...text.matchAll(/<rdf:li>([^<]*)</g)].map((match) => match[1]);
    yield {
      svg,
      record: { source: "openclipart", name: null, hex: null, others: [], tags: keywords, title, file },
    };
  }
}

async function draw(svg) {
  const { data } = await sharp(svg, { density: 72, limitInputPixels: 1e8 })
    .resize(SIZE, SIZE, { fit: "contain", background: { r: 0, g: 0, b: 0, alpha: 0 } })
    .ensureAlpha()
    .toColourspace("srgb")
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (data.length !== SIZE * SIZE * 4) throw new Error("unexpected number of channels");
  let covered = 0;
  for (let i = 0; i < data.length; i += 4) {
    const alpha = data[i + 3] / 255;
    covered += alpha;
    for (let c = 0; c < 3; c++) data[i + c] = Math.round(data[i + c] * alpha);
  }
  return covered < 20 ? null : data;
}

async function write(split, records) {
  const pixels = createWriteStream(join(here, `data/${split}.rgba`));
  const lines = createWriteStream(join(here, `data/${split}.jsonl`));
  const counts = {};
  let lost = 0;
  const all = [...records];
  const lanes = 4;
  for (let start = 0; start < all.length; start += lanes) {
    const group = all.slice(start, start + lanes);
    const drawn = await Promise.all(group.map(({ svg }) => draw(svg).catch(() => null)));
    for (const [i, data] of drawn.entries()) {
      if (!data) {
        lost++;
        continue;
      }
      pixels.write(data);
      lines.write(JSON.stringify(group[i].record) + "\n");
      counts[group[i].record.source] = (counts[group[i].record.source] ?? 0) + 1;
    }
  }
  await Promise.all([pixels, lines].map((s) => new Promise((done) => s.end(done))));
  console.log(split, counts, `not drawn: ${lost}`);
}

mkdirSync(join(here, "data"), { recursive: true });
const names = emojiNames();
await write("fluent", emojiRecords(names, ["fluent-emoji-flat"]));
await write(
  "train",
  (function* () {
    yield* emojiRecords(names, EMOJI_SETS);
    yield* iconRecords();
    yield* clipartRecords();
  })(),
);

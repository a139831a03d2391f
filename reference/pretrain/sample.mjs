// Packs the Fluent Emoji sample: WebP pictures on white with Hugging Face imagefolder captions, as one zip.
//
// Skin tones, flags, bare digits and the man/woman variants of one person are left out, so that a caption describes one
// picture. Names and categories come from the set, tags from emojibase; every third caption carries two tags.
//
// Usage: node sample.mjs

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { zipSync } from "fflate";
import sharp from "sharp";

const SIZE = 96;
const LIMIT = 3_000_000;
const require = createRequire(import.meta.url);
const here = new URL(".", import.meta.url).pathname;
const target = join(here, "../../public/samples");

const { icons, width, height } = require("@iconify-json/fluent-emoji-flat/icons.json");
const { categories } = require("@iconify-json/fluent-emoji-flat/metadata.json");
const categoryOf = new Map(
  Object.entries(categories).flatMap(([category, names]) => names.map((name) => [name, category])),
);
const known = readFileSync(join(here, "data/fluent.jsonl"), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));

/** Variants of one picture by gender, or families: they differ in too little to be told apart by a name. */
function isVariant(name) {
  return /^(man|woman|men|women|person) /.test(name)
    ? name.split(" ").length > 1 && !/^(man|woman) (dancing|fairy)$/.test(name) && !/^person /.test(name)
    : /^(family|couple with heart |kiss (man|woman)|people holding)/.test(name);
}

/** Names that lost a letter in the set's file names. */
const spelling = { piata: "piñata" };

const files = {};
const lines = [];
for (const [i, record] of known.filter(({ name }) => !isVariant(name)).entries()) {
  const icon = record.name.replaceAll(" ", "-");
  const drawing = icons[icon];
  if (!drawing) continue;
  const box = `0 0 ${drawing.width ?? width} ${drawing.height ?? height}`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${SIZE}" height="${SIZE}" viewBox="${box}">${drawing.body}</svg>`;
  const name = `${icon}.webp`;
  files[`images/${name}`] = await sharp(Buffer.from(svg))
    .flatten({ background: "#ffffff" })
    .webp({ quality: 84, effort: 6, smartSubsample: true })
    .toBuffer();
  const tags = record.tags.filter((tag) => /^[a-z ]+$/.test(tag) && !record.name.includes(tag));
  const extra = i % 3 === 0 ? tags.slice(0, 2) : [];
  const category = categoryOf.get(icon);
  if (category === undefined) throw new Error(`${icon} is in no category`);
  lines.push({
    file_name: `images/${name}`,
    text: [spelling[record.name] ?? record.name, ...extra].join(", "),
    category,
  });
}

const texts = new Set(lines.map(({ text }) => text));
const licence = readFileSync(join(here, "fluent-emoji.LICENSE"), "utf8");
const zip = zipSync(
  {
    "metadata.jsonl": Buffer.from(lines.map((line) => JSON.stringify(line)).join("\n") + "\n"),
    LICENSE: Buffer.from(licence),
    ...Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, [bytes, { level: 0 }]])),
  },
  { level: 9, mtime: new Date("2026-01-01T00:00:00") },
);
if (zip.length > LIMIT) throw new Error(`the zip has ${zip.length} bytes, more than ${LIMIT}`);
mkdirSync(target, { recursive: true });
writeFileSync(join(target, "fluent-emoji.zip"), zip);
const index = [
  {
    id: "fluent-emoji",
    name: "Fluent emoji",
    description:
      "Emoji in one drawing style that the embedded model has never seen, each with its name, sometimes with two tags, and its category.",
    file: "fluent-emoji.zip",
    count: lines.length,
    bytes: zip.length,
    licence: "MIT",
    credit: "Fluent Emoji, © Microsoft Corporation; tags from emojibase, © Miles Johnson",
  },
  {
    id: "shapes",
    name: "Coloured shapes in relations",
    description:
      "Generated pictures of two shapes and their relation, such as “a small red circle above a large blue square”, labelled by the upper or left shape.",
    generator: "shapes",
    count: 1200,
    bytes: 0,
    licence: "none needed",
    credit: null,
  },
  {
    id: "questions",
    name: "Questions about shapes",
    description:
      "Generated pictures of shapes, each with up to ten questions on colour, number, place and size, such as “where is the crescent?”, of shapes and colours that the embedded model has never seen.",
    generator: "questions",
    count: 1000,
    bytes: 0,
    licence: "none needed",
    credit: null,
  },
];
writeFileSync(join(target, "index.json"), JSON.stringify(index, null, 2) + "\n");
console.log(`${lines.length} pictures, ${texts.size} distinct captions, ${zip.length} bytes`);

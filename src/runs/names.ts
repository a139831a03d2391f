/** First words: light, weather, temper. */
const adjectives =
  'amber bold brisk calm clear copper crisp dapper deft early eager fern gentle golden hazel humble indigo ivory jolly keen lively lucid lunar mellow misty nimble noble ochre olive patient plucky polar quick quiet rapid rosy rustic sage silver sleek snug solar sturdy sunny swift tidal topaz urban vivid warm wise witty zesty'.split(
    ' ',
  );

/** Second words: animals, plants and places. */
const nouns =
  'acorn anchor badger beacon birch bison brook canyon cedar cliff comet coral crane delta dune eagle ember falcon fjord fox glacier grove harbor heron hill iris island jay kestrel lagoon lantern lark lynx maple marten meadow mesa moss orchid otter owl pebble pine plover prairie quail raven reef river robin sparrow spruce summit thistle tundra valley walnut willow wren'.split(
    ' ',
  );

/**
 * A two-word name that is easy to remember and to say, such as `amber-otter`; with a number behind it once the words are taken.
 *
 * @param taken names of existing runs
 * @param random uniform in [0, 1)
 */
export function runName(taken: ReadonlySet<string>, random: () => number = Math.random): string {
  const pick = (words: readonly string[]): string => words[Math.floor(random() * words.length)] ?? '';
  const name = `${pick(adjectives)}-${pick(nouns)}`;
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${name}-${number}`;
    if (!taken.has(candidate)) return candidate;
  }
}

import { captionKey } from '../../../dataset/caption-groups';
import { TextSource } from '../../features/samples';
import type { ModelHandle } from '../../model-handle';
import { createRandom, mixSeed, textSeed } from '../../random';

/** The words of the samples of a view, each distinct text once; an empty one stands where there are none. */
export class SampleWords {
  readonly source: TextSource;
  /** Of each sample, the places of its texts in the source; that of the empty text where it has none. */
  private readonly placesOf: readonly (readonly number[])[];
  /** Of each text, how many of its tokens count. */
  private readonly lengths: readonly number[];

  constructor(
    model: ModelHandle,
    private readonly words: readonly (readonly string[])[],
  ) {
    const places = new Map<string, number>();
    const texts: string[] = [];
    const placeOf = (text: string): number => {
      const key = captionKey(text);
      const place = places.get(key) ?? texts.push(text) - 1;
      places.set(key, place);
      return place;
    };
    this.placesOf = words.map((own) => (own.length === 0 ? [placeOf('')] : own.map(placeOf)));
    // Never without a text: a graph is made for a length.
    if (texts.length === 0) texts.push('');
    this.source = new TextSource(model, texts);
    this.lengths = texts.map((_, place) => this.source.length(place));
  }

  present(sample: number): boolean {
    return (this.words[sample] ?? []).length > 0;
  }

  /** The text that a sample is measured by. */
  first(sample: number): number {
    return this.placesOf[sample]?.[0] ?? 0;
  }

  /** One of a sample's texts, the same for the same seed, epoch and content. */
  drawn(sample: number, seed: number, epoch: number, hash: string): number {
    const places = this.placesOf[sample] ?? [0];
    if (places.length === 1) return places[0] ?? 0;
    const random = createRandom(mixSeed(seed, epoch, textSeed(hash)));
    return places[Math.floor(random() * places.length)] ?? 0;
  }

  /** All texts of some samples. */
  all(samples: readonly number[]): readonly number[] {
    return [...new Set(samples.flatMap((sample) => this.placesOf[sample] ?? []))];
  }

  length(text: number): number {
    return this.lengths[text] ?? 1;
  }
}

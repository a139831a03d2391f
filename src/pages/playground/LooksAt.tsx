import { Card } from '../../components/Card';
import { AttentionPair, type AskedSide } from '../seeing/AttentionPair';
import type { ChosenPicture } from './picture';

interface LooksAtProps {
  readonly picture: ChosenPicture;
  /** The models with what each is asked; none while there is nothing to ask. */
  readonly sides: readonly AskedSide[];
  /** What they are asked, for people; null while there is nothing to ask, and where they have written the words themselves. */
  readonly what: string | null;
}

/** Where in the chosen picture, and at which words, the models look. */
export function LooksAt({ picture, sides, what }: LooksAtProps) {
  return (
    <Card
      title="Where they look"
      hint={
        what !== null
          ? `For “${what}”. Choose others above.`
          : sides.length > 0
            ? 'Of all words that they wrote, or of the one that is chosen below the picture.'
            : 'Choose words above to see where in the picture the models look for them.'
      }
    >
      {sides.length > 0 && (
        <AttentionPair
          picture={{ kind: 'given', key: picture.key, blob: picture.blob }}
          src={picture.shown}
          alt={picture.name}
          sides={sides}
        />
      )}
    </Card>
  );
}

import { Slider as Radix } from 'radix-ui';
import styles from './Slider.module.css';

interface SliderProps {
  readonly 'aria-label'?: string | undefined;
  readonly 'aria-labelledby'?: string | undefined;
  readonly 'aria-describedby'?: string | undefined;
  readonly value: number;
  readonly onChange: (value: number) => void;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** The value in words, shown beside the track. */
  readonly text?: string | undefined;
}

/** A slider with its value beside it. */
export function Slider({ value, onChange, min, max, step, text, ...named }: SliderProps) {
  return (
    <div className={styles['slider']}>
      <Radix.Root
        className={styles['root']}
        value={[value]}
        min={min}
        max={max}
        step={step}
        onValueChange={([next]) => {
          if (next !== undefined) onChange(next);
        }}
      >
        <Radix.Track className={styles['track']}>
          <Radix.Range className={styles['range']} />
        </Radix.Track>
        <Radix.Thumb className={styles['thumb']} {...named} aria-valuetext={text} />
      </Radix.Root>
      {text !== undefined && <output className={styles['text']}>{text}</output>}
    </div>
  );
}

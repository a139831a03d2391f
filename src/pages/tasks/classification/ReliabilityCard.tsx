import { Card } from '../../../components/Card';
import { count, percent } from '../../../components/format';
import type { ClassificationReport, ReliabilityBin } from '../../../tasks/classification/predictions';
import styles from './ReliabilityCard.module.css';

interface ReliabilityCardProps {
  readonly reliability: NonNullable<ClassificationReport['reliability']>;
  readonly tunedName: string | null;
}

/** Side of the plot, and the room around it for numbers. */
const side = 220;
const margin = 34;

const place = (share: number): number => margin + share * side;
const height = (share: number): number => margin / 2 + (1 - share) * side;

/** Whether probabilities are what they say: right ones by how sure the model was. On the diagonal they are. */
export function ReliabilityCard({ reliability: { base, tuned }, tunedName }: ReliabilityCardProps) {
  const size = side + 1.5 * margin;
  return (
    <Card
      title="Reliability"
      hint="How many are right of those that a model is so sure of. On the diagonal probabilities are what they say; below it a model is too sure."
    >
      <div className={styles['plot']}>
        <svg viewBox={`0 0 ${size} ${size}`} aria-hidden>
          <rect x={margin} y={margin / 2} width={side} height={side} className={styles['frame']} />
          <line x1={place(0)} y1={height(0)} x2={place(1)} y2={height(1)} className={styles['diagonal']} />
          {[0, 0.5, 1].map((share) => (
            <g key={share} className={styles['numbers']}>
              <text x={place(share)} y={height(0) + 16} textAnchor="middle">
                {100 * share}
              </text>
              <text x={margin - 6} y={height(share) + 4} textAnchor="end">
                {100 * share}
              </text>
            </g>
          ))}
          <Curve bins={base} kind="base" />
          {tuned !== null && <Curve bins={tuned} kind="tuned" />}
        </svg>
        <div className={styles['tables']}>
          <BinTable title="Base model" bins={base} />
          {tuned !== null && <BinTable title={tunedName ?? 'Tuned'} bins={tuned} />}
        </div>
      </div>
    </Card>
  );
}

function Curve({ bins, kind }: { readonly bins: readonly ReliabilityBin[]; readonly kind: 'base' | 'tuned' }) {
  const most = Math.max(...bins.map((bin) => bin.count));
  const points = bins.map(({ confidence, accuracy }) => `${place(confidence)},${height(accuracy)}`).join(' ');
  return (
    <g className={styles[kind]}>
      <polyline points={points} />
      {bins.map((bin) => (
        <circle
          key={bin.low}
          cx={place(bin.confidence)}
          cy={height(bin.accuracy)}
          r={2 + 4 * Math.sqrt(bin.count / most)}
        />
      ))}
    </g>
  );
}

function BinTable({ title, bins }: { readonly title: string; readonly bins: readonly ReliabilityBin[] }) {
  return (
    <table aria-label={`Reliability of ${title}`}>
      <thead>
        <tr>
          <th scope="col">{title}: sure</th>
          <th scope="col">right</th>
          <th scope="col">pictures</th>
        </tr>
      </thead>
      <tbody>
        {bins.map((bin) => (
          <tr key={bin.low}>
            <th scope="row">{percent(bin.confidence, 0)}</th>
            <td>{percent(bin.accuracy, 0)}</td>
            <td>{count(bin.count)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

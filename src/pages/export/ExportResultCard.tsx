import { CircleAlert, CircleCheck, Download } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../components/Button';
import { Card } from '../../components/Card';
import { bytes, count } from '../../components/format';
import { saveBlob } from '../../components/saveFile';
import type { ExportResult } from '../../protocol/export';
import styles from './ExportResultCard.module.css';

/** Differences up to this are rounding: half a unit in the last place of float16 embeddings of length 1. */
const rounding = { float32: 1e-5, float16: 5e-3 } as const;

interface ExportResultCardProps {
  readonly result: ExportResult;
}

/** A finished export with what reading it back has shown. */
export function ExportResultCard({ result }: ExportResultCardProps) {
  const { fileName, zip, maxDifference, tensors, precision, frozenUnchanged } = result;
  return (
    <Card
      title={fileName}
      hint={`${bytes(result.bytes)} · ${count(tensors)} tensors in ${precision}`}
      actions={
        <Button variant="primary" icon={<Download />} onClick={() => saveBlob(fileName, zip)}>
          Download
        </Button>
      }
    >
      <ul className={styles['checks']}>
        <Check good={maxDifference <= rounding[precision]}>
          Read back: the largest difference of an embedding is <b>{difference(maxDifference)}</b>
          {precision === 'float16' && maxDifference > 0 && ', from rounding to float16'}.
        </Check>
        <Check good={frozenUnchanged}>
          {frozenUnchanged
            ? 'Frozen layers are bit-identical to the original.'
            : 'Frozen layers are not bit-identical to the original: the chosen precision rounds them.'}
        </Check>
      </ul>
    </Card>
  );
}

function Check({ good, children }: { readonly good: boolean; readonly children: ReactNode }) {
  return (
    <li>
      {good ? (
        <CircleCheck className={styles['good']} aria-label="Passed" />
      ) : (
        <CircleAlert className={styles['bad']} aria-label="Warning" />
      )}
      <span>{children}</span>
    </li>
  );
}

function difference(value: number): string {
  return value === 0 ? '0' : value.toExponential(1);
}

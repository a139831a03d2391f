import { useState } from 'react';
import { Card } from '../../../components/Card';
import { cx } from '../../../components/cx';
import { Dialog } from '../../../components/Dialog';
import { count, plural } from '../../../components/format';
import { Segmented } from '../../../components/Segmented';
import type { Confusion, ConfusionCell } from '../../../tasks/classification/predictions';
import { Thumbnail } from '../../runs/Thumbnail';
import styles from './ConfusionMatrix.module.css';

/**
 * The confusion matrix of a classification report, of the base model or the tuned one. It shows what the report counted; a row holds the pictures
 * of one class.
 */

interface ConfusionMatrixProps {
  readonly base: Confusion;
  readonly tuned: Confusion | null;
  readonly tunedName: string | null;
}

/** Classes shown in the table; with more of them the cells that hold mistakes are listed, most pictures first. */
const mostInTable = 24;
/** Mistakes listed. */
const listed = 40;

/** Which pictures of a class were taken for which. A cell opens its pictures. */
export function ConfusionMatrix({ base, tuned, tunedName }: ConfusionMatrixProps) {
  const [which, setWhich] = useState<'tuned' | 'base'>('tuned');
  const [opened, setOpened] = useState<ConfusionCell | null>(null);
  const confusion = which === 'tuned' && tuned !== null ? tuned : base;
  const { classes } = confusion;
  return (
    <Card
      title="Confusion matrix"
      hint="Rows: the true class. Columns: the predicted class. Select a cell to see its pictures."
      actions={
        tuned === null ? undefined : (
          <Segmented
            label="Model"
            value={which}
            options={[
              { value: 'base', label: 'Base model' },
              { value: 'tuned', label: tunedName ?? 'Tuned' },
            ]}
            onChange={setWhich}
          />
        )
      }
    >
      {classes.length <= mostInTable ? (
        <Table confusion={confusion} onOpen={setOpened} />
      ) : (
        <Mistakes confusion={confusion} onOpen={setOpened} />
      )}
      <CellDialog classes={classes} cell={opened} onClose={() => setOpened(null)} />
    </Card>
  );
}

interface PartProps {
  readonly confusion: Confusion;
  readonly onOpen: (cell: ConfusionCell) => void;
}

function Table({ confusion: { classes, cells }, onOpen }: PartProps) {
  const at = new Map(cells.map((cell) => [cell.row * classes.length + cell.column, cell]));
  const support = classes.map((_, row) => cells.reduce((sum, cell) => sum + (cell.row === row ? cell.count : 0), 0));
  return (
    <div className={styles['scroll']}>
      <table className={styles['table']} aria-label="Confusion matrix">
        <thead>
          <tr>
            <td />
            {classes.map((name) => (
              <th key={name} scope="col" title={name}>
                <span>{name}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {classes.map((name, row) => (
            <tr key={name}>
              <th scope="row" title={name}>
                {name}
              </th>
              {classes.map((taken, column) => {
                const cell = at.get(row * classes.length + column);
                const share = cell === undefined ? 0 : cell.count / (support[row] ?? 1);
                return (
                  <td key={taken} className={cx(styles['cell'], row === column ? styles['right'] : styles['wrong'])}>
                    {cell !== undefined && (
                      <button
                        type="button"
                        aria-label={`${plural(cell.count, 'picture')} of ${name} taken for ${taken}`}
                        onClick={() => onOpen(cell)}
                      >
                        <i style={{ opacity: 0.12 + 0.6 * share }} aria-hidden />
                        <span>{count(cell.count)}</span>
                      </button>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Mistakes({ confusion: { classes, cells }, onOpen }: PartProps) {
  const wrong = cells.filter(({ row, column }) => row !== column).sort((a, b) => b.count - a.count);
  return (
    <>
      <p className={styles['hint']}>
        {wrong.length === 0
          ? 'Every picture is taken for what it is.'
          : `Of ${plural(classes.length, 'class', 'classes')}, those that are taken for each other most.`}
      </p>
      <ul className={styles['mistakes']}>
        {wrong.slice(0, listed).map((cell) => (
          <li key={`${cell.row} ${cell.column}`}>
            <button type="button" onClick={() => onOpen(cell)}>
              {classes[cell.row]} → {classes[cell.column]} <b>{count(cell.count)}</b>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

const nothing: ConfusionCell = { row: 0, column: 0, count: 0, images: [] };

interface CellDialogProps {
  readonly classes: readonly string[];
  readonly cell: ConfusionCell | null;
  readonly onClose: () => void;
}

function CellDialog({ classes, cell, onClose }: CellDialogProps) {
  const { row, column, count: pictures, images } = cell ?? nothing;
  const own = classes[row] ?? '';
  const taken = classes[column] ?? '';
  return (
    <Dialog
      open={cell !== null}
      onClose={onClose}
      title={row === column ? `${own}, taken for what they are` : `${own}, taken for ${taken}`}
      description={
        images.length < pictures
          ? `The first ${count(images.length)} of ${plural(pictures, 'picture')}.`
          : `${plural(pictures, 'picture')}.`
      }
    >
      <ul className={styles['pictures']}>
        {images.map((imageId) => (
          <li key={imageId}>
            <Thumbnail imageId={imageId} alt={`Picture of the class ${own}`} size={104} />
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

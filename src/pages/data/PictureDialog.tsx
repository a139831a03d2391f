import { CircleSlash, Trash2, Undo2 } from 'lucide-react';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { Field } from '../../components/Field';
import { bytes } from '../../components/format';
import { Segmented } from '../../components/Segmented';
import { pictureOf } from '../../dataset/sample';
import type { SampleRecord } from '../../dataset/types';
import { useDataStore } from '../../stores/data';
import { useOriginal } from '../useOriginal';
import { CaptionEditor } from './CaptionEditor';
import { OtherColumns, Questions, titleOf } from './PictureFields';
import { useDeleted } from './deleted';
import { useDatasetHolds } from './useDatasetHolds';
import styles from './PictureDialog.module.css';

/**
 * A picture and what is stored of it. Each change is stored at once, so closing loses nothing. The original is read from storage while the dialog
 * is open and let go of after it.
 */

interface PictureDialogProps {
  /** Null: closed. */
  readonly image: SampleRecord | null;
  readonly onClose: () => void;
}

/** One picture at full size with all that is stored of it. */
export function PictureDialog({ image, onClose }: PictureDialogProps) {
  const holds = useDatasetHolds(image?.datasetId ?? null);
  const dataset = useDataStore((state) => state.dataset);
  return (
    <Dialog
      open={image !== null}
      onClose={onClose}
      title={image === null ? '' : titleOf(image, dataset)}
      wide
      footer={
        image !== null && (
          <>
            <Button
              variant="danger"
              disabledReason={holds.removePicture}
              icon={<Trash2 aria-hidden />}
              onClick={() => void useDeleted.getState().remove(image.id, titleOf(image, dataset)).then(onClose)}
            >
              Delete the picture
            </Button>
            <Button
              icon={image.excluded === true ? <Undo2 aria-hidden /> : <CircleSlash aria-hidden />}
              onClick={() => void useDataStore.getState().setExcluded(image.id, image.excluded !== true)}
            >
              {image.excluded === true ? 'Let it take part again' : 'Exclude it'}
            </Button>
            <Button variant="primary" onClick={onClose}>
              Done
            </Button>
          </>
        )
      }
    >
      {image !== null && <PictureDetails key={image.id} image={image} />}
    </Dialog>
  );
}

function PictureDetails({ image }: { readonly image: SampleRecord }) {
  const { setCaptions, setSplit } = useDataStore.getState();
  const original = useOriginal(image);
  const picture = pictureOf(image);
  return (
    <div className={styles['details']}>
      <div className={styles['frame']}>
        {original !== null && <img src={original} alt={image.captions.join('; ') || picture.path} />}
      </div>
      <div className={styles['fields']}>
        <div>
          <h3>Captions</h3>
          <ul>
            {image.captions.map((caption, index) => (
              <li key={`${index} ${caption}`}>
                <CaptionEditor
                  captions={[caption]}
                  onSave={(changed) => void setCaptions(image.id, image.captions.toSpliced(index, 1, ...changed))}
                />
              </li>
            ))}
            <li>
              <CaptionEditor
                key={image.captions.length}
                captions={[]}
                invitation={image.captions.length === 0 ? 'Write a caption' : 'Add a caption'}
                onSave={(added) => void setCaptions(image.id, [...image.captions, ...added])}
              />
            </li>
          </ul>
        </div>
        <Questions image={image} />
        <OtherColumns image={image} />
        <Field label="Split">
          {() => (
            <Segmented
              label="Split of this picture"
              value={image.split}
              onChange={(split) => void setSplit(image.id, split)}
              options={[
                { value: 'train', label: 'Train' },
                { value: 'validation', label: 'Validation' },
                { value: 'test', label: 'Test' },
              ]}
            />
          )}
        </Field>
        <dl className={styles['facts']}>
          <dt>File</dt>
          <dd>{picture.path}</dd>
          <dt>Size</dt>
          <dd>
            {picture.width} × {picture.height} pixels, {bytes(picture.bytes)}
          </dd>
        </dl>
      </div>
    </div>
  );
}

import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { Button } from '../../components/Button';
import { Notice } from '../../components/Notice';
import { PageHeader } from '../../components/PageHeader';
import { Progress } from '../../components/Progress';
import { useModelStore } from '../../stores/model';
import { Catalogue } from './Catalogue';
import { CurrentModel } from './CurrentModel';
import { KeptModels } from './KeptModels';
import { OtherModel } from './OtherModel';
import layout from '../layout.module.css';
import styles from './ModelPage.module.css';

/** Which pretrained model training starts from. */
export default function ModelPage() {
  const [, navigate] = useLocation();
  const model = useModelStore((state) => state.model);
  const opening = useModelStore((state) => state.opening);
  const problem = useModelStore((state) => state.problem);
  const failed = useModelStore((state) => state.failed);
  const [pickProblem, setPickProblem] = useState<string | null>(null);
  const shownProblem = pickProblem ?? problem;
  const messages = useRef<HTMLDivElement>(null);
  const busy = opening !== null;
  // What was begun at the foot of the page is answered at its head.
  useEffect(() => {
    if (busy || shownProblem !== null) messages.current?.scrollIntoView({ block: 'nearest' });
  }, [busy, shownProblem]);
  return (
    <>
      <PageHeader
        title="Model"
        summary="Training starts from a pretrained model that already knows pictures and words. It is loaded once and kept in this browser."
        actions={
          <Button
            variant="primary"
            disabledReason={model === null ? 'No model is open yet. Choose one below.' : null}
            onClick={() => navigate('/recipe')}
          >
            Choose what to train
          </Button>
        }
      />
      <div className={layout['sided']}>
        <div className={layout['stack']}>
          <div ref={messages} className={styles['messages']}>
            {opening !== null && <Progress task={opening.task} onCancel={opening.cancel} />}
            {shownProblem !== null && (
              <Notice
                tone="error"
                title="The model could not be opened"
                actions={
                  failed === null ? undefined : (
                    <Button onClick={() => void useModelStore.getState().openModel(failed)}>Try again</Button>
                  )
                }
                onDismiss={() => {
                  setPickProblem(null);
                  useModelStore.getState().dismissProblem();
                }}
              >
                {shownProblem}
              </Notice>
            )}
          </div>
          <Catalogue />
          <KeptModels />
          <OtherModel onProblem={setPickProblem} />
        </div>
        <CurrentModel />
      </div>
    </>
  );
}

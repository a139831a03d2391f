import { useId, useState } from 'react';
import { Card } from '../../components/Card';
import { TextField } from '../../components/TextField';
import { TextLines } from '../../components/TextLines';
import { tagsIn, tagsText } from '../../runs/tags';
import type { Run } from '../../runs/types';
import { useRunStore } from '../../stores/run';
import styles from './WordsCard.module.css';

/** Longest remark. */
const longest = 2000;

/** What the user says about a run: kept when the field is left. */
export function WordsCard({ run }: { readonly run: Run }) {
  const annotate = useRunStore((state) => state.annotate);
  const [remarks, setRemarks] = useState(run.remarks);
  const [tags, setTags] = useState(tagsText(run.tags));
  const hintId = useId();
  if (run.state === 'running') return null;
  return (
    <Card title="Your notes">
      <div className={styles['fields']}>
        <TextLines
          aria-label="Notes"
          placeholder="What you tried, and what you saw"
          value={remarks}
          maxLength={longest}
          onChange={setRemarks}
          onBlur={() => {
            if (remarks !== run.remarks) void annotate(run.id, { remarks });
          }}
        />
        <TextField
          aria-label="Tags"
          aria-describedby={hintId}
          placeholder="Tags, with commas between"
          value={tags}
          onChange={setTags}
          onBlur={() => {
            const now = tagsIn(tags);
            setTags(tagsText(now));
            if (tagsText(now) !== tagsText(run.tags)) void annotate(run.id, { tags: now });
          }}
        />
        <p id={hintId} className={styles['hint']}>
          Runs can be found and grouped by their tags.
        </p>
      </div>
    </Card>
  );
}

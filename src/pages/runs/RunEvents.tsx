import { memo } from 'react';
import { Card } from '../../components/Card';
import { count } from '../../components/format';
import { eventText } from '../../protocol/run-event-words';
import { isTrouble, type RunEvent } from '../../protocol/run-events';
import styles from './RunEvents.module.css';

/** Most that are listed; the newest. */
const listed = 12;

/** What came between in a run, newest first; nothing where nothing did. The charts mark the same places. */
export const RunEvents = memo(function RunEvents({ events }: { readonly events: readonly RunEvent[] }) {
  if (events.length === 0) return null;
  const shown = events.slice(-listed).reverse();
  return (
    <Card title="What came between">
      <ol className={styles['list']}>
        {shown.map((event, index) => (
          <li key={events.length - index} className={isTrouble(event) ? styles['trouble'] : undefined}>
            <b>Step {count(event.step)}</b> {eventText(event)}
          </li>
        ))}
      </ol>
      {events.length > listed && <p className={styles['more']}>and {count(events.length - listed)} before</p>}
    </Card>
  );
});

import { Button } from '../components/Button';
import { Notice } from '../components/Notice';
import { useUnstored } from '../stores/unstored';
import styles from './StorageNotice.module.css';

/** Says which of the user's choices storage has not taken, and why. */
export default function StorageNotice() {
  const held = useUnstored((state) => state.held);
  const storeAgain = useUnstored((state) => state.storeAgain);
  const names = new Intl.ListFormat('en').format(held.keys());
  return (
    <div className={styles['notice']}>
      <Notice
        tone="warn"
        title="Some of your choices are in memory alone"
        actions={
          <Button size="s" onClick={storeAgain}>
            Store again
          </Button>
        }
      >
        Not stored: {names}. They hold for as long as this tab is open; storing is tried again by itself.{' '}
        {[...new Set(held.values())].join(' ')}
      </Notice>
    </div>
  );
}

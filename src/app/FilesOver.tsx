import { useEffect, useState } from 'react';
import { navigate } from 'wouter/use-hash-location';
import { holdOn, useWaitingDrop } from '../stores/waitingDrop';
import styles from './FilesOver.module.css';

/**
 * Milliseconds without news after which nothing is over the page any more: browsers tell of what hovers at least every 550 (HTML, drag-and-drop processing
 * model), and not all of them tell that a drag was given up.
 */
const silence = 1000;

/**
 * A file dropped beside a drop zone would make the browser show it instead of the studio. It goes to the Data page, but from the Model page, where it
 * may be meant for the model. Says so while files are over the page.
 */
export function FilesOver() {
  const [over, setOver] = useState(false);
  useEffect(() => {
    let forget: ReturnType<typeof setTimeout>;
    const take = (event: DragEvent): void => {
      const { dataTransfer } = event;
      const files = !event.defaultPrevented && dataTransfer?.types.includes('Files') === true;
      const taken = files && !window.location.hash.startsWith('#/model');
      clearTimeout(forget);
      setOver(taken && event.type === 'dragover');
      forget = setTimeout(() => setOver(false), silence);
      if (!files) return;
      event.preventDefault();
      dataTransfer.dropEffect = taken ? 'copy' : 'none';
      if (event.type !== 'drop' || !taken) return;
      useWaitingDrop.setState({ items: holdOn(dataTransfer.items) });
      navigate('/data');
    };
    window.addEventListener('dragover', take);
    window.addEventListener('drop', take);
    return () => {
      window.removeEventListener('dragover', take);
      window.removeEventListener('drop', take);
      clearTimeout(forget);
    };
  }, []);
  return over && <div className={styles['over']}>Drop to add to your data</div>;
}

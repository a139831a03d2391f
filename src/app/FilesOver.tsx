import { useEffect, useState } from 'react';
import { navigate } from 'wouter/use-hash-location';
import { holdOn, useWaitingDrop } from '../stores/waitingDrop';
import styles from './FilesOver.module.css';

/**
 * A file dropped beside a drop zone would make the browser show it instead of the studio. It goes to the Data page, but from the Model page, where it
 * may be meant for the model. Says so while files are over the page.
 */
export function FilesOver() {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const take = (event: DragEvent): void => {
      const { dataTransfer } = event;
      const files = !event.defaultPrevented && dataTransfer?.types.includes('Files') === true;
      const taken = files && !window.location.hash.startsWith('#/model');
      setOver(taken && event.type === 'dragover');
      if (!files) return;
      event.preventDefault();
      dataTransfer.dropEffect = taken ? 'copy' : 'none';
      if (event.type !== 'drop' || !taken) return;
      useWaitingDrop.setState({ items: holdOn(dataTransfer.items) });
      navigate('/data');
    };
    const leave = ({ relatedTarget }: DragEvent): void => {
      if (relatedTarget === null) setOver(false);
    };
    window.addEventListener('dragover', take);
    window.addEventListener('drop', take);
    window.addEventListener('dragleave', leave);
    return () => {
      window.removeEventListener('dragover', take);
      window.removeEventListener('drop', take);
      window.removeEventListener('dragleave', leave);
    };
  }, []);
  return over && <div className={styles['over']}>Drop to add to your data</div>;
}

import { Copy } from 'lucide-react';
import { IconButton } from '../../components/Button';
import { useToast } from '../../components/toastContext';
import styles from './CodeBlock.module.css';

/** Code with a button that copies it. */
export function CodeBlock({ label, code }: { readonly label: string; readonly code: string }) {
  const toast = useToast();
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(code);
      toast({ text: 'Copied.' });
    } catch {
      toast({ tone: 'warn', text: 'The browser does not allow copying. Select the code and copy it.' });
    }
  };
  return (
    <div className={styles['block']}>
      <pre tabIndex={0} aria-label={label}>
        <code>{code}</code>
      </pre>
      <IconButton className={styles['copy']} size="s" label="Copy" icon={<Copy />} onClick={() => void copy()} />
    </div>
  );
}

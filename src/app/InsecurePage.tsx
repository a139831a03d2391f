import { LockOpen } from 'lucide-react';
import { EmptyState } from '../components/EmptyState';

/** Instead of the studio where the browser does not trust its address: there is neither WebGPU nor a safe place for data then. */
export function InsecurePage() {
  return (
    <main>
      <EmptyState icon={<LockOpen />} title="Open the studio over https, or on this machine">
        <p>
          Browsers give a page the GPU, hashing and locks on its storage only where nobody can meddle with the page on
          its way. {location.origin} is not such an address.
        </p>
        <p>
          On the machine that serves the studio, open <code>http://localhost:{location.port || '80'}</code>. For other
          machines, serve the folder <code>dist</code> over https, as README says.
        </p>
      </EmptyState>
    </main>
  );
}

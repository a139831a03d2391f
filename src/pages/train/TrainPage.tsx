import { useRunStore } from '../../stores/run';
import { LiveView } from './LiveView';

/** Starts runs, and shows the one in progress. */
export default function TrainPage() {
  const live = useRunStore((state) => state.live);
  return live === null ? <p>Nothing is running.</p> : <LiveView live={live} />;
}

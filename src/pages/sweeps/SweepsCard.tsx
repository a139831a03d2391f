import { useEffect } from 'react';
import { Link, useLocation } from 'wouter';
import { Button } from '../../components/Button';
import { Card } from '../../components/Card';
import { plural } from '../../components/format';
import rowStyles from '../../components/rows.module.css';
import { useSweeps } from '../../stores/sweeps';
import { timeAgo } from '../runs/timeAgo';
import { useNow } from '../runs/useNow';
import muted from './NewSweepPage.module.css';
import { foundText, methodText, standOf, standText } from './words';

/** All sweeps, and the way to a new one. */
export default function SweepsCard() {
  const [, navigate] = useLocation();
  const sweeps = useSweeps((state) => state.sweeps);
  const damaged = useSweeps((state) => state.damaged);
  const driven = useSweeps((state) => state.driven);
  const elsewhere = useSweeps((state) => state.elsewhere);
  const { refresh, remove } = useSweeps.getState();
  const now = useNow();
  useEffect(() => void refresh(), [refresh]);
  return (
    <Card
      title="Sweeps"
      actions={
        <Button size="s" onClick={() => navigate('/runs/sweeps/new')}>
          New sweep
        </Button>
      }
    >
      {sweeps === null || sweeps.length + damaged.length === 0 ? (
        <p className={muted['muted']}>
          A sweep trains one recipe with several values of its fields and finds those that do best.
        </p>
      ) : (
        <div className={rowStyles['scroll']}>
          <table className={rowStyles['table']}>
            <thead>
              <tr>
                <th scope="col">Sweep</th>
                <th scope="col">Method</th>
                <th scope="col">Data</th>
                <th scope="col">State</th>
                <th scope="col">Trials</th>
                <th scope="col">Best</th>
                <th scope="col" className={rowStyles['number']}>
                  Started
                </th>
              </tr>
            </thead>
            <tbody>
              {sweeps.map((sweep) => (
                <tr key={sweep.id}>
                  <th scope="row">
                    <Link href={`/runs/sweeps/${sweep.id}`}>{sweep.name}</Link>
                  </th>
                  <td>{methodText(sweep.method)}</td>
                  <td>{sweep.dataset.name}</td>
                  <td>
                    {standText[standOf(sweep, { driven: driven === sweep.id, elsewhere: elsewhere.has(sweep.id) })]}
                  </td>
                  <td>{plural(sweep.trials.length, 'trial')}</td>
                  <td>{foundText(sweep)}</td>
                  <td className={rowStyles['number']}>{timeAgo(sweep.createdAt, now)}</td>
                </tr>
              ))}
              {damaged.map(({ id, name, reason }) => (
                <tr key={id}>
                  <th scope="row">{name ?? 'A sweep'}</th>
                  <td colSpan={5}>It cannot be read any more. {reason}</td>
                  <td className={rowStyles['number']}>
                    <Button size="s" variant="quiet" onClick={() => void remove(id)}>
                      Delete
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}

import * as ort from 'onnxruntime-node';
import { readFileSync, writeFileSync } from 'node:fs';
import { traceTrainingStep } from '/work/main/packages/tensor/src/training/training-graphs.js';
import { lowerGraph, encodeOnnxModel } from '@spark-rl/tensor-onnx';
import { defaultAdamW } from '@spark-rl/tensor';
import { proofLoss, proofInputs, proofWeights } from '/work/main/tools/bench/engines/proof-model.js';
const g = traceTrainingStep(proofLoss, defaultAdamW);
const model = lowerGraph(g);
const bytes = encodeOnnxModel(model);
writeFileSync('/work/main/tools/bench/.scratch-eng/step.onnx', bytes);
const s = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, interOpNumThreads:1, graphOptimizationLevel: 'all', enableProfiling: true, profileFilePrefix: '/work/main/tools/bench/.scratch-eng/prof', optimizedModelFilePath: '/work/main/tools/bench/.scratch-eng/opt.onnx', logSeverityLevel: 4 } as any);
const feeds: any = {};
const I = proofInputs(); for (const k in I) feeds['inputs/'+k] = new ort.Tensor(I[k]!.dtype as any, I[k]!.data as any, I[k]!.shape);
const W = proofWeights(); for (const k in W) { const w=W[k]!; feeds['parameters/'+k]=new ort.Tensor('float32', w.data as any, w.shape); for (const m of ['firstMoments','secondMoments']) feeds[m+'/'+k]=new ort.Tensor('float32', new Float32Array(w.data.length), w.shape);}
for (const [k,v] of [['learningRate',3e-3],['firstCorrection',.1],['secondCorrection',.001]] as const) feeds[k]=new ort.Tensor('float32', Float32Array.of(v), []);
const N=12; for(let i=0;i<N;i++) await s.run(feeds);
(s as any).endProfiling?.(); await s.release();
import { readdirSync, rmSync } from 'node:fs';
const dir='/work/main/tools/bench/.scratch-eng/'; const f=readdirSync(dir).filter(x=>x.startsWith('prof_')||x.startsWith('prof')&&x.endsWith('.json'))[0]!;
const ev = JSON.parse(readFileSync(dir+f,'utf8')); rmSync(dir+f);
const byName=new Map<string,number[]>(), shapes=new Map<string,string>(), opOf=new Map<string,string>();
for(const e of ev) if(e.cat==='Node' && e.name.endsWith('_kernel_time')) { const k=e.name; (byName.get(k)??byName.set(k,[]).get(k)!).push(e.dur); opOf.set(k,e.args.op_name); shapes.set(k, JSON.stringify(e.args.input_type_shape)+' -> '+JSON.stringify(e.args.output_type_shape)); }
const med=(a:number[])=>[...a].sort((x,y)=>x-y)[Math.floor(a.length/4)]!;
const rows=[...byName].map(([k,v])=>({k,op:opOf.get(k)!,us:med(v),s:shapes.get(k)!.replace(/"float"/g,'').replace(/[":\[{}]/g,'').slice(0,110)}));
const ops=new Map<string,[number,number]>(); for(const r of rows){const o=ops.get(r.op)??[0,0];o[0]+=r.us;o[1]++;ops.set(r.op,o);}
const total=rows.reduce((a,r)=>a+r.us,0); console.log('total ms',total/1000,'nodes',rows.length);
for(const [o,[us,n]] of [...ops].sort((a,b)=>b[1][0]-a[1][0])) console.log(o.padEnd(22),n,(us/1000).toFixed(2));
for(const r of rows.sort((a,b)=>b.us-a.us).slice(0,70)) console.log((r.us/1000).toFixed(2).padStart(7),r.op.padEnd(18),r.s);
process.exit(0);

package bed

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// user is somebody whom the API server knows by a token.
type user struct {
	name, token string
	groups      []string
}

// credentials are the keys, certificates and tokens of one test bed, made at its start.
type credentials struct {
	dir   string
	ca    []byte
	users map[string]*user
}

// makeCredentials makes the keys and certificates, and writes them where the programs find them.
func makeCredentials(dir string) (*credentials, error) {
	c := &credentials{dir: dir, users: map[string]*user{}}
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("cannot make a key: %w", err)
	}
	now := time.Now()
	ca := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "testbed"},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.AddDate(1, 0, 0),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey)
	if err != nil {
		return nil, fmt.Errorf("cannot make a certificate: %w", err)
	}
	c.ca = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caDER})
	serverKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("cannot make a key: %w", err)
	}
	server := &x509.Certificate{
		SerialNumber: big.NewInt(2),
		Subject:      pkix.Name{CommonName: "kube-apiserver"},
		NotBefore:    ca.NotBefore,
		NotAfter:     ca.NotAfter,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:     []string{"localhost", "kubernetes.default.svc"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	serverDER, err := x509.CreateCertificate(rand.Reader, server, ca, serverKey.Public(), caKey)
	if err != nil {
		return nil, fmt.Errorf("cannot make a certificate: %w", err)
	}
	accountKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("cannot make a key: %w", err)
	}
	files := map[string][]byte{
		"ca.crt":     c.ca,
		"server.crt": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: serverDER}),
	}
	for name, key := range map[string]*ecdsa.PrivateKey{"server.key": serverKey, "accounts.key": accountKey} {
		der, err := x509.MarshalECPrivateKey(key)
		if err != nil {
			return nil, fmt.Errorf("cannot write a key: %w", err)
		}
		files[name] = pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})
	}
	for name, text := range files {
		if err := os.WriteFile(c.path(name), text, 0o600); err != nil {
			return nil, fmt.Errorf("cannot write the certificates: %w", err)
		}
	}
	return c, nil
}

// path returns where a file of the credentials is.
func (c *credentials) path(name string) string { return filepath.Join(c.dir, name) }

// add makes a user known. It has no effect once the token file is written.
func (c *credentials) add(name string, groups ...string) {
	if _, known := c.users[name]; known {
		return
	}
	var token [16]byte
	// Never fails: crypto/rand ends the program instead.
	_, _ = rand.Read(token[:])
	c.users[name] = &user{name: name, token: hex.EncodeToString(token[:]), groups: groups}
}

// serviceAccount makes an account of a namespace known, with the name and the groups that its own
// tokens would carry, and returns its name.
func (c *credentials) serviceAccount(namespace, name string, groups ...string) string {
	full := "system:serviceaccount:" + namespace + ":" + name
	c.add(full, append(groups, "system:serviceaccounts", "system:serviceaccounts:"+namespace)...)
	return full
}

// writeTokens writes the file in which the API server finds its users.
func (c *credentials) writeTokens() error {
	var text strings.Builder
	for _, user := range c.users {
		fmt.Fprintf(&text, "%s,%s,%s,%q\n", user.token, user.name, user.name, strings.Join(user.groups, ","))
	}
	if err := os.WriteFile(c.path("tokens.csv"), []byte(text.String()), 0o600); err != nil {
		return fmt.Errorf("cannot write the tokens: %w", err)
	}
	return nil
}

// writeKubeconfig writes a kubeconfig with a context for each of the users; the first is the
// current one. The context of a user is named as the user is.
func (c *credentials) writeKubeconfig(path, server string, users ...string) error {
	const cluster = "testbed"
	config := api.NewConfig()
	config.Clusters[cluster] = &api.Cluster{Server: server, CertificateAuthorityData: c.ca}
	for _, name := range users {
		config.AuthInfos[name] = &api.AuthInfo{Token: c.users[name].token}
		config.Contexts[name] = &api.Context{Cluster: cluster, AuthInfo: name}
	}
	config.CurrentContext = users[0]
	text, err := clientcmd.Write(*config)
	if err != nil {
		return fmt.Errorf("cannot write the kubeconfig: %w", err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return fmt.Errorf("cannot write the kubeconfig: %w", err)
	}
	return nil
}
